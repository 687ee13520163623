import { z } from 'zod';
import { createRobotSchema, type CreateRobot } from '@/server/registries/schemas';

const { name, role, right, repositories: patterns } = createRobotSchema.shape;

/** The repositories a person typed, one a line. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The page's form of a login for a machine: all fields are texts. */
export const robotForm = z.object({
  name,
  role,
  right,
  repositories: z.string().refine((text) => patterns.safeParse(linesOf(text)).success, {
    error: 'registries.errors.badName',
  }),
  /** Empty: until it is revoked. */
  days: z.string(),
});
export type RobotForm = z.infer<typeof robotForm>;

/** What is sent. */
export function robotOf({ days, repositories, ...rest }: RobotForm): CreateRobot {
  return { ...rest, repositories: linesOf(repositories), ...(days !== '' && { days: Number(days) }) };
}
