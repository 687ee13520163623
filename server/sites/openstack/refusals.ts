import { isProblem, type ProblemCode } from '../../problem';

/** Whether a cloud's refusal is of one kind: `conflict` for 409, `not_found` for 404, `forbidden` for 403. */
export function isRefusal(error: unknown, ...codes: ProblemCode[]): boolean {
  return isProblem(error) && codes.includes(error.code);
}

/**
 * What a question gives, or the other value where the cloud refuses it as one of these kinds: policies and extensions
 * differ from cloud to cloud, and what is not allowed to be seen is not there for us.
 */
export async function unlessRefused<T, U>(
  question: Promise<T>,
  other: U,
  ...codes: ProblemCode[]
): Promise<T | U> {
  try {
    return await question;
  } catch (error) {
    if (isRefusal(error, ...codes)) return other;
    throw error;
  }
}
