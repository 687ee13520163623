import { CircleAlert, CircleCheck, Info, Lightbulb, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names';
import { toneClasses, toneText, type Tone } from './tone';

const icons: Record<Tone, ReactNode> = {
  neutral: <Info />,
  accent: <Lightbulb />,
  success: <CircleCheck />,
  warning: <TriangleAlert />,
  danger: <CircleAlert />,
  info: <Info />,
};

/** A coloured note within a page: something worth knowing before one goes on. */
export function Notice({
  tone = 'info',
  title,
  icon,
  action,
  children,
}: {
  tone?: Tone;
  title?: string;
  icon?: ReactNode;
  action?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div
      className={classNames(
        'flex flex-wrap items-start gap-3 rounded-lg border px-4 py-3',
        toneClasses[tone],
      )}
    >
      <span aria-hidden className={classNames('mt-px [&_svg]:size-5', toneText[tone])}>
        {icon ?? icons[tone]}
      </span>
      <div className="text-text min-w-0 flex-1 basis-48">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children !== undefined && <div className="text-pretty">{children}</div>}
      </div>
      {action !== undefined && <div className="flex flex-wrap items-center gap-2">{action}</div>}
    </div>
  );
}
