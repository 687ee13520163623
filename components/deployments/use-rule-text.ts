import { useTranslations } from 'next-intl';

/** Rules of a form's field, as keys of `deployments.new.rules`. */
const rules = ['label', 'name', 'number', 'required', 'tooLong'] as const;

/** Turns a message of a deployment's form into words; what is none of its rules stays as it is. */
export function useRuleText(): (message: string | undefined) => string | undefined {
  const t = useTranslations('deployments.new.rules');
  return (message) => {
    const rule = rules.find((each) => each === message);
    return rule === undefined ? message : t(rule);
  };
}
