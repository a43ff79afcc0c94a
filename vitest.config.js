import { defineConfig } from 'vitest/config';

/**
 * Three suites, one runner: `unit` stands beside the code and needs nothing but Node, `stories` are the planner's golden
 * scripts, `simulate` runs the whole control plane in simulated time, `flow` runs the whole system on real Erlang nodes (one file at a time: the nodes share two cores). `openstack` is
 * what needs the lab of `lab/openstack.ts`, which takes two gigabytes and is up for these alone.
 */
const openStack = ['test/clouds/openstack.test.ts', 'test/flow/openstack.test.ts'];

/** The simulation's clock is checked with everything else; the simulation itself takes minutes. */
const inUnit = 'test/simulate/timeline.test.ts';

/** What is polled for comes when the machine has time for it: only what never comes is a failure. */
const patient = { poll: { timeout: 10_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          expect: patient,
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/kit/**/*.test.ts', inUnit],
          testTimeout: 10_000,
          // half of the time went into loading the same modules for every file; tests here keep no state in modules
          isolate: false,
        },
      },
      {
        test: {
          name: 'stories',
          expect: patient,
          include: ['test/stories/**/*.test.ts'],
          testTimeout: 20_000,
          isolate: false,
        },
      },
      {
        test: {
          name: 'clouds',
          expect: patient,
          include: ['test/clouds/**/*.test.ts'],
          exclude: openStack,
          testTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'simulate',
          include: ['test/simulate/**/*.test.ts'],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'pointed', include: ['test/clouds/pointed.ts'], testTimeout: 1_200_000 } },
      {
        test: {
          name: 'real',
          expect: patient,
          include: ['src/**/*.real.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'flow',
          expect: patient,
          include: ['test/flow/**/*.test.ts'],
          exclude: openStack,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'openstack',
          expect: patient,
          include: openStack,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
