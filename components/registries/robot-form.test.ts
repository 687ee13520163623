import { describe, expect, it } from 'vitest';
import { robotForm, robotOf, type RobotForm } from './robot-form';

const form: RobotForm = {
  name: 'build-server',
  role: 'workbench',
  right: 'push',
  repositories: ' apps/camera \n\napps/lights/*\n',
  days: '90',
};

describe('the form of a login for a machine', () => {
  it('takes one repository a line', () => {
    expect(robotForm.safeParse(form).success).toBe(true);
    expect(robotOf(form)).toMatchObject({ repositories: ['apps/camera', 'apps/lights/*'], days: 90 });
  });

  it('works until it is revoked where no days are chosen', () => {
    expect(robotOf({ ...form, days: '' })).not.toHaveProperty('days');
  });

  it('refuses what no repository is called, and none at all', () => {
    for (const repositories of ['', 'Apps/Camera', 'apps/*/camera', '../store/*'])
      expect(robotForm.safeParse({ ...form, repositories }).success, repositories).toBe(false);
  });
});
