import type { ReactNode } from 'react';
import { useTranslations } from 'next-intl';
import ReactMarkdown, { type Components } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { InlineCode } from './code-block';

export interface MarkdownProps {
  text: string;
  /** How many levels to lower its headings, so that they follow the page's own. */
  headingOffset?: number;
  /** Where a picture named in the text is to be had; without an answer its description stands in for it. */
  resolveImage?: (src: string) => string | undefined;
}

/**
 * A text written by people elsewhere. HTML in it is dropped, and pictures load only from where `resolveImage` says:
 * a foreign picture would tell its server who reads.
 */
export function Markdown({ text, headingOffset = 1, resolveImage }: MarkdownProps) {
  return (
    <div className={prose}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[rehypeSanitize]}
        // Local addresses pass as they are; others only with a scheme that cannot run anything.
        urlTransform={(url) => (/^(https?:|mailto:|#|[^:]*$)/i.test(url) ? url : '')}
        components={componentsOf(headingOffset, resolveImage)}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}

const prose = [
  'max-w-prose min-w-0 text-[0.9375rem] leading-relaxed break-words [&>*:first-child]:mt-0 [&>*:last-child]:mb-0',
  '[&_p]:my-3 [&_ul]:my-3 [&_ol]:my-3 [&_ul]:list-disc [&_ol]:list-decimal [&_ul]:pl-6 [&_ol]:pl-6 [&_li]:my-1',
  '[&_.contains-task-list]:list-none [&_.contains-task-list]:pl-1 [&_input]:mr-2',
  '[&_blockquote]:border-accent-line [&_blockquote]:text-text-muted [&_blockquote]:my-4 [&_blockquote]:border-l-3 [&_blockquote]:pl-4',
  '[&_hr]:border-border [&_hr]:my-6',
  '[&_pre]:border-border [&_pre]:bg-surface-sunken [&_pre]:my-4 [&_pre]:overflow-auto [&_pre]:rounded-lg [&_pre]:border [&_pre]:p-3.5 [&_pre]:font-mono [&_pre]:text-[0.8125rem] [&_pre_code]:border-0 [&_pre_code]:bg-transparent [&_pre_code]:p-0 [&_pre_code]:text-[1em]',
  '[&_table]:my-4 [&_table]:block [&_table]:w-max [&_table]:max-w-full [&_table]:overflow-x-auto [&_th]:text-left [&_th]:font-semibold',
  '[&_:is(td,th)]:border-border [&_:is(td,th)]:border-b [&_:is(td,th)]:px-3 [&_:is(td,th)]:py-1.5',
].join(' ');

const headingLooks = [
  'mt-8 mb-3 text-xl font-semibold tracking-tight',
  'mt-7 mb-2 text-lg font-semibold tracking-tight',
  'mt-6 mb-2 text-base font-semibold',
  'mt-5 mb-1.5 font-semibold',
  'mt-4 mb-1 font-semibold',
  'text-text-muted mt-4 mb-1 font-semibold',
];

function componentsOf(offset: number, resolveImage: MarkdownProps['resolveImage']): Components {
  const heading = (level: number) =>
    function Heading({ children }: { children?: ReactNode }) {
      const Element = `h${Math.min(6, level + offset)}` as 'h2';
      return <Element className={headingLooks[level - 1]}>{children}</Element>;
    };
  return {
    h1: heading(1),
    h2: heading(2),
    h3: heading(3),
    h4: heading(4),
    h5: heading(5),
    h6: heading(6),
    // Long lines scroll inside; without a place to focus, keys could not reach them.
    pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
    code: ({ children }) => <InlineCode>{children}</InlineCode>,
    a: ({ href, children }) => (
      <a
        href={href}
        {...(href !== undefined &&
          /^https?:/i.test(href) && { rel: 'noreferrer nofollow ugc', target: '_blank' })}
        className="text-accent decoration-accent-line hover:decoration-accent underline underline-offset-[0.2em]"
      >
        {children}
      </a>
    ),
    input: ({ checked }) => (
      <input
        type="checkbox"
        readOnly
        disabled
        checked={checked === true}
        className="check-box inline-grid align-[-0.125em]"
      />
    ),
    img: ({ src, alt }) => (
      <Picture src={typeof src === 'string' ? resolveImage?.(src) : undefined} alt={alt ?? ''} />
    ),
  };
}

function Picture({ src, alt }: { src: string | undefined; alt: string }) {
  const t = useTranslations('ui');
  if (src === undefined) return <span className="text-text-muted italic">{t('imageNotShown', { alt })}</span>;
  return (
    // The size is the author's affair; Next's image service could not know it.
    // oxlint-disable-next-line next/no-img-element
    <img src={src} alt={alt} loading="lazy" className="border-border my-4 max-w-full rounded-lg border" />
  );
}
