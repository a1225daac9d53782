import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { checkout } from '../lab/keeper.ts';

const shipped = path.join(checkout, 'packaging/etc/flapd.yaml');
const examples = path.join(checkout, 'packaging/examples/policies');

describe('the configuration in the packages', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'flapd-shipped-'));
    mkdirSync(path.join(dir, 'policies.d'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('says nothing but the defaults', async () => {
    const defaults = await loadConfig(dir, { required: true });
    cpSync(shipped, path.join(dir, 'flapd.yaml'));
    const loaded = await loadConfig(dir, { required: true });
    if (!loaded.ok || !defaults.ok) throw new Error('it has problems');
    expect({ ...loaded.config, files: [] }).toEqual(defaults.config);
  });

  test('is right where its comments are taken away', async () => {
    const text = readFileSync(shipped, 'utf8').replaceAll(/^#(?=[a-z]|  [a-z])/gm, '');
    writeFileSync(path.join(dir, 'flapd.yaml'), text);
    const loaded = await loadConfig(dir, { required: true });
    expect(loaded).toMatchObject({ ok: true, config: { warnings: [] } });
    expect(loaded.ok && Object.keys(loaded.config.sinks)).toEqual(['ops', 'am', 'mail']);
  });

  test.each(readdirSync(examples))('%s is a policy without a fault', async (file) => {
    cpSync(path.join(examples, file), path.join(dir, 'policies.d', file));
    const loaded = await loadConfig(dir, { required: true });
    expect(loaded).toMatchObject({ ok: true, config: { warnings: [] } });
    expect(loaded.ok && loaded.config.policies.length).toBeGreaterThan(1);
  });
});
