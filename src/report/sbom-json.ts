import type { HostPackage, Inventory, InventoryFile } from '../model/inventory.ts';

/** By the specification of package URLs, a colon stays as it is. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

/** github.com/package-url/purl-spec: `pkg:deb/debian/bash@5.2.15-2?arch=amd64&distro=debian-12`. */
function packageUrl(of: HostPackage): string {
  const { type, vendor, name, epoch, version, architecture, distribution } = of;
  const qualifiers = Object.entries({ arch: architecture, distro: distribution, epoch }).flatMap(
    ([key, value]) => (value === undefined ? [] : [`${key}=${encode(value)}`]),
  );
  const place = [type, vendor, name].map(encode).join('/');
  return `pkg:${place}@${encode(version)}?${qualifiers.join('&')}`;
}

function fileComponent({ path, sha256, madeByJailctl }: InventoryFile) {
  return {
    type: 'file',
    'bom-ref': `file:${path}`,
    name: path,
    ...(sha256 !== undefined && { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
    ...(madeByJailctl && { properties: [{ name: 'jailctl:origin', value: 'made by jailctl' }] }),
  };
}

function packageComponent(one: HostPackage, files: readonly InventoryFile[]) {
  const url = packageUrl(one);
  const methods = [{ technique: 'manifest-analysis', confidence: 1, value: one.source }];
  return {
    type: 'library',
    'bom-ref': url,
    name: one.name,
    version: one.version,
    purl: url,
    evidence: { identity: [{ field: 'purl', confidence: 1, methods }] },
    // As much of the package as the jail has.
    components: files.map(fileComponent),
  };
}

/**
 * A bill of what a jail is made of, in the form of CycloneDX 1.6 (ECMA-424). Of the same jail it is
 * always the same text: without a serial number, and with a time only where one is given.
 */
export function sbomDocument(
  { jail, files }: Inventory,
  version: string,
  time: Date | undefined,
): unknown {
  const byPackage = Map.groupBy(files, ({ package: owner }) => owner && packageUrl(owner));
  const packages = [...byPackage.values()]
    .flatMap((held) => {
      const owner = held[0]?.package;
      return owner === undefined ? [] : [packageComponent(owner, held)];
    })
    .sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const components = [...packages, ...(byPackage.get(undefined) ?? []).map(fileComponent)];
  const refs = components.map((component) => component['bom-ref']);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      ...(time !== undefined && { timestamp: time.toISOString() }),
      tools: { components: [{ type: 'application', name: 'jailctl', version }] },
      component: { type: 'container', 'bom-ref': `jail:${jail}`, name: jail },
    },
    components,
    dependencies: [{ ref: `jail:${jail}`, dependsOn: refs }],
  };
}
