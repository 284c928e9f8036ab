/** What scripts/validators.ts makes of a schema. */
declare module '*.cjs' {
  const validate: import('ajv').ValidateFunction;
  export default validate;
}
