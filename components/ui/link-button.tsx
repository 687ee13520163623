import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { Button } from './button';
import { buttonClasses, type ButtonSize, type ButtonVariant } from './button-classes';
import { classNames } from './class-names';

export interface LinkButtonProps extends Omit<ComponentProps<typeof Link>, 'href'> {
  href: string;
  variant?: ButtonVariant;
  size?: ButtonSize;
  icon?: ReactNode;
  /** Why one cannot go there now; it then is a button that tells so. */
  disabledReason?: string | undefined;
  /** A file to be saved, under this name if one is given: the browser must fetch it, not the router. */
  download?: boolean | string | undefined;
}

/** A link that looks like a button: it goes somewhere, or fetches a file. */
export function LinkButton({
  variant = 'secondary',
  size = 'md',
  icon,
  disabledReason,
  download,
  className,
  children,
  href,
  ...rest
}: LinkButtonProps) {
  if (disabledReason !== undefined) {
    return (
      <Button variant={variant} size={size} icon={icon} disabledReason={disabledReason} className={className}>
        {children}
      </Button>
    );
  }
  const look = classNames(buttonClasses(variant, size, false), className);
  if (download !== undefined && download !== false) {
    return (
      <a
        href={href}
        download={download}
        className={look}
        target={rest.target}
        aria-label={rest['aria-label']}
      >
        {icon}
        {children}
      </a>
    );
  }
  return (
    <Link href={href} {...rest} className={look}>
      {icon}
      {children}
    </Link>
  );
}

/** A link in running text. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      {...rest}
      className={classNames(
        'text-accent decoration-accent-line hover:decoration-accent rounded-sm underline underline-offset-[0.2em] transition-colors',
        className,
      )}
    />
  );
}
