/** What a colour means; the same six everywhere. */
export type Tone = 'neutral' | 'accent' | 'success' | 'warning' | 'danger' | 'info';

/** Text, line and soft ground of each tone, together readable in both themes. */
export const toneClasses: Record<Tone, string> = {
  neutral: 'bg-surface-sunken border-border text-text-muted',
  accent: 'bg-accent-soft border-accent-line text-accent-strong',
  success: 'bg-success-soft border-success-line text-success',
  warning: 'bg-warning-soft border-warning-line text-warning',
  danger: 'bg-danger-soft border-danger-line text-danger',
  info: 'bg-info-soft border-info-line text-info',
};

/** The text colour of each tone alone, for icons and words on an ordinary surface. */
export const toneText: Record<Tone, string> = {
  neutral: 'text-text-muted',
  accent: 'text-accent',
  success: 'text-success',
  warning: 'text-warning',
  danger: 'text-danger',
  info: 'text-info',
};
