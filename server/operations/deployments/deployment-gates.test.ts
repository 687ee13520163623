import { expect, it } from 'vitest';
import { isVm, vmStateOf } from './deployment-gates';

it('knows VMs of both kinds of sites', () => {
  expect(['VM', 'OS::Nova::Server', 'OS::Neutron::Port'].map((type) => isVm({ type }))).toEqual([
    true,
    true,
    false,
  ]);
});

it.each([
  ['failed', 'RUNNING', 'running'],
  ['failed', 'STOPPED', 'stopped'],
  ['failed', 'MISSING', 'stopped'],
  ['failed', 'CREATE_COMPLETE', 'running'],
  ['failed', 'CREATE_FAILED', 'failed'],
  ['ready', 'PAUSED', 'paused'],
  ['ready', 'FAILED', 'failed'],
  ['ready', 'SUSPEND_COMPLETE', 'stopped'],
  ['changing', 'UPDATE_IN_PROGRESS', 'running'],
  ['creating', 'RUNNING', 'running'],
  ['creating', 'INIT_COMPLETE', 'creating'],
  ['creating', 'CREATE_IN_PROGRESS', 'creating'],
  ['creating', '', 'creating'],
  ['deleting', 'RUNNING', 'deleting'],
  ['gone', 'RUNNING', 'stopped'],
] as const)('of a deployment that is %s, a VM that its site calls %j is %s', (deployment, status, state) => {
  expect(vmStateOf(deployment, { status })).toBe(state);
});
