import { defineConfig } from 'vitest/config';

const isOwnRoot = ['host', 'bookworm', '/'].includes(process.env['FLAPD_LAB_ROOT'] ?? 'host');

/** What shells, Prometheus and Debian's tools say is the same on every Node. */
const notOfNode = ['test/contrib/**', 'test/packaging/**', 'test/cli/completion.test.ts'];

/** `unit` needs nothing but Node; `lab` boots a real systemd and skips, saying why, where it can't. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.lab.test.ts', ...(process.env['FLAPD_OTHER_NODE'] ? notOfNode : [])],
          // Property tests on a machine that has other work: none of them is there to measure time.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          // What is about this machine's own kernel, files and terminal is the same under every systemd.
          exclude: isOwnRoot ? [] : ['test/lab/**', 'test/demo/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // What has to be there soon says how soon; the rest may take its time on a busy machine.
          expect: { poll: { timeout: 10_000 } },
          // After the unit tests: a lab that shares its two cores with them is slow, and slow is wrong here.
          sequence: { groupOrder: 1 },
          // They mostly wait: three on two cores take two thirds of the time of two.
          maxWorkers: 3,
        },
      },
    ],
  },
});
