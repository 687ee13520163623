import { TextLink } from '../ui/link-button';

/** Addresses that the app can be asked at. Only web addresses become links: the site's word is not ours. */
export function Endpoints({ endpoints }: { endpoints: readonly { name: string; url: string }[] }) {
  return (
    <span className="flex flex-col gap-1 leading-6">
      {endpoints.map(({ name, url }) => (
        <span key={`${name} ${url}`} className="min-w-0 break-all">
          {/^https?:\/\//.test(url) ? (
            <TextLink
              href={url}
              target="_blank"
              rel="noopener noreferrer"
              title={name}
              // As high as a finger needs (WCAG 2.5.8).
              className="inline-block min-h-6"
            >
              {url}
            </TextLink>
          ) : (
            <span title={name}>{url}</span>
          )}
        </span>
      ))}
    </span>
  );
}
