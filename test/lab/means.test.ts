import { expect, it, vi } from 'vitest';

it('says in one line what is missing for a lab, and what to do', async () => {
  vi.stubEnv('PATH', '/nowhere');
  vi.resetModules();
  const { labMeans } = await import('./means.ts');
  const means = labMeans();
  expect(means.ok ? '' : means.missing).toMatch(/^the lab needs .*/);
  expect(means.ok ? '' : means.missing).not.toContain('\n');
  vi.unstubAllEnvs();
});

it('finds the same every time it is asked', async () => {
  vi.resetModules();
  const { labMeans } = await import('./means.ts');
  expect(labMeans()).toBe(labMeans());
});
