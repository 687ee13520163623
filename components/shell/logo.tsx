/** The mark: a yard's gate seen from above, with one crate on its way out over the edge. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className} fill="none">
      <path
        d="M27 12V7a2 2 0 0 0-2-2H7a2 2 0 0 0-2 2v18a2 2 0 0 0 2 2h18a2 2 0 0 0 2-2v-2"
        stroke="currentColor"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
      <rect x="10" y="10" width="5" height="5" rx="1" fill="currentColor" opacity="0.45" />
      <rect x="10" y="17.5" width="5" height="5" rx="1" fill="currentColor" opacity="0.45" />
      <rect x="20" y="14" width="9" height="7" rx="1.5" className="fill-accent" />
    </svg>
  );
}
