import {
  CircleAlert,
  CircleCheck,
  CircleDot,
  CircleMinus,
  Info,
  LoaderCircle,
  TriangleAlert,
} from 'lucide-react';
import type { ComponentType } from 'react';
import { classNames } from './class-names';
import { toneText, type Tone } from './tone';

/** A shape per meaning, so that the state does not hang on colour alone (WCAG 1.4.1). */
const icons: Record<Tone, ComponentType<{ className?: string; 'aria-hidden'?: boolean }>> = {
  neutral: CircleMinus,
  accent: CircleDot,
  success: CircleCheck,
  warning: TriangleAlert,
  danger: CircleAlert,
  info: Info,
};

/** How a thing is doing: shape, colour and words. `busy` turns the shape into a turning ring. */
export function StatusDot({
  tone,
  label,
  busy = false,
  detail,
}: {
  tone: Tone;
  label: string;
  busy?: boolean;
  detail?: string;
}) {
  const Icon = busy ? LoaderCircle : icons[tone];
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1.5 align-bottom">
      <Icon aria-hidden className={classNames('size-4 shrink-0', toneText[tone], busy && 'animate-spin')} />
      <span className="truncate font-medium">{label}</span>
      {detail !== undefined && <span className="text-text-muted truncate">{detail}</span>}
    </span>
  );
}
