import { describe, expect, test } from 'vitest';
import { diffJails } from '../../src/kinds/jail/diff.ts';
import { readMarker, writeMarker } from '../../src/kinds/jail/marker.ts';
import type { JailState } from '../../src/kinds/jail/state.ts';
import { jailSteps } from '../../src/kinds/jail/steps.ts';
import type { JailSettings } from '../../src/model/settings.ts';
import { jailLines } from '../../src/report/plan/jails.ts';
import { resourceDocument } from '../../src/report/resource-json.ts';
import { faults, schemas } from '../documents/schemas.ts';
import { jailSettings } from '../rig/settings.ts';

const usual = jailSettings('web', [{ name: 'web1', uid: 70_000 }], { mode: 'host' });
const full: JailSettings = {
  ...usual,
  limits: { ...usual.limits, cpus: 0.5, diskBytes: 2 ** 30 },
  engine: 'runc',
  home: 'fresh',
  optional: ['memory', 'seccomp'],
};

/** A jail on the host; without settings where its marker can't be read. */
function state(settings: JailSettings | undefined): JailState {
  return {
    name: 'web',
    path: '/web',
    registered: true,
    claimed: true,
    leftovers: [],
    staging: false,
    ...(settings === undefined ? {} : { settings }),
  };
}

function changes(desired: JailSettings, observed: JailSettings | undefined) {
  return diffJails(
    new Map([['jail/web', state(desired)]]),
    new Map([['jail/web', state(observed)]]),
  );
}

/** The text of a marker with a field changed, or without it where the change is undefined. */
function spoilt(change: (marker: Record<string, unknown>) => unknown): string {
  return JSON.stringify(change(JSON.parse(writeMarker(full))));
}

describe('a marker', () => {
  test.for([
    ['little', usual],
    ['everything', full],
  ] as const)('that says %s is read back as it was written', ([, settings]) => {
    expect(readMarker(writeMarker(settings))).toEqual(settings);
  });

  test('does not depend on the order of fields, which is why texts can be compared', () => {
    const turned = Object.fromEntries(Object.entries(full).reverse()) as unknown as JailSettings;
    expect(writeMarker(turned)).toBe(writeMarker(full));
  });

  test.for([
    ['no home', (marker: object) => ({ ...marker, home: undefined })],
    ['a home of another kind', (marker: object) => ({ ...marker, home: 'lost' })],
    ['no list of optional layers', (marker: object) => ({ ...marker, optional: undefined })],
    ['no size of /tmp', (marker: object) => ({ ...marker, limits: { processes: 64 } })],
    ['no limits', (marker: object) => ({ ...marker, limits: undefined })],
    ['no network', (marker: object) => ({ ...marker, network: undefined })],
    ['no users', (marker: object) => ({ ...marker, users: undefined })],
    ['another version', (marker: object) => ({ ...marker, format_version: '2.0' })],
    ['no map', () => []],
    ['nothing', () => null],
  ] as const)('with %s is none of this form', ([, change]) => {
    expect(readMarker(spoilt(change))).toBeUndefined();
  });
});

describe('a jail whose marker is of an older form', () => {
  test('gets a new one, and nothing else is done', () => {
    const [change, ...others] = changes(full, undefined);
    expect(others).toEqual([]);
    expect(change).toMatchObject({
      action: 'update',
      reasons: ['its marker is missing or damaged'],
    });
    expect(jailSteps(change === undefined ? [] : [change])).toMatchObject([
      { op: 'writeFile', to: { path: '/web/.jailctl/settings.json' } },
    ]);
  });

  test('can be destroyed', () => {
    const destroyed = diffJails(new Map(), new Map([['jail/web', state(undefined)]]));
    expect(destroyed).toMatchObject([{ action: 'delete' }]);
    expect(jailSteps(destroyed)).toContainEqual(
      expect.objectContaining({ op: 'removeTrees', paths: ['/web'] }),
    );
  });
});

describe('a change of settings', () => {
  test.for([
    ['the engine', { ...usual, engine: 'crun' }, ['+  "engine": "crun",']],
    ['the home', { ...usual, home: 'fresh' }, ['-  "home": "keep",', '+  "home": "fresh",']],
    ['what is optional', { ...usual, optional: ['disk'] }, ['+    "disk"']],
    ['the processors', { ...usual, limits: { ...usual.limits, cpus: 0.5 } }, ['+    "cpus": 0.5,']],
    [
      'the size of a home',
      { ...usual, limits: { ...usual.limits, diskBytes: 4096 } },
      ['+    "diskBytes": 4096,'],
    ],
    [
      'the size of /tmp',
      { ...usual, limits: { ...usual.limits, tmpSizeBytes: 65_536 } },
      ['-    "tmpSizeBytes": 67108864,', '+    "tmpSizeBytes": 65536,'],
    ],
  ] as const)('in %s is planned, and shown', ([, wanted, shown]) => {
    const planned = changes(wanted, usual);
    expect(planned).toMatchObject([{ action: 'update', reasons: ['its settings differ'] }]);
    const [line] = jailLines(planned);
    expect(line?.details).toEqual(expect.arrayContaining([...shown]));
  });

  test('is none where nothing changed', () => {
    expect(changes(full, { ...full, optional: [...full.optional] })).toEqual([]);
  });
});

describe('the settings of a jail in a document', () => {
  test.for([
    ['little', usual],
    ['everything', full],
    ['nothing', undefined],
  ] as const)('have the form of the schema where they say %s', ([, settings]) => {
    const [example] = schemas.plan.examples;
    const change = {
      address: 'jail/web',
      jail: 'web',
      action: 'create',
      reasons: ['it is new'],
      label: 'neutral',
      after: resourceDocument('jail', state(settings)),
    };
    expect(faults('plan', { ...example, changes: [change] })).toEqual([]);
  });

  test('are all told', () => {
    expect(resourceDocument('jail', state(full))).toMatchObject({
      engine: 'runc',
      home: 'fresh',
      optional: ['memory', 'seccomp'],
      limits: { cpus: 0.5, tmp_size_bytes: 67_108_864, disk_bytes: 1_073_741_824 },
    });
    expect(resourceDocument('jail', state(usual))).not.toHaveProperty('engine');
  });
});
