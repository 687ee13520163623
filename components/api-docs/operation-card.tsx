'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Badge } from '../ui/badge';
import { InlineCode } from '../ui/code-block';
import type { Tone } from '../ui/tone';
import { contentOf, type ApiDocument, type Operation } from './openapi';
import { SchemaView } from './schema-view';
import { TryOperation } from './try-operation';

const methodTones: Record<string, Tone> = {
  GET: 'info',
  POST: 'success',
  PUT: 'warning',
  PATCH: 'warning',
  DELETE: 'danger',
};

/** One operation: what it does, who may, what it takes and gives; unfolded, it can be tried. */
export function OperationCard({
  document,
  operation,
  token,
}: {
  document: ApiDocument;
  operation: Operation;
  token: string;
}) {
  // A link to the operation opens it.
  const [open, setOpen] = useState(() => window.location.hash === `#${operation.id}`);
  return (
    <li id={operation.id} className="border-border scroll-mt-20 border-b last:border-b-0">
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="hover:bg-hover flex cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
          <span className="w-18">
            <Badge tone={methodTones[operation.method] ?? 'neutral'}>{operation.method}</Badge>
          </span>
          <code className="font-mono text-sm break-all">{operation.path}</code>
          <span lang="en" className="text-text-muted text-sm">
            {operation.summary}
          </span>
        </summary>
        {open && <Body document={document} operation={operation} token={token} />}
      </details>
    </li>
  );
}

function Body({
  document,
  operation,
  token,
}: {
  document: ApiDocument;
  operation: Operation;
  token: string;
}) {
  const t = useTranslations('api.docs');
  const roles = useTranslations('api.docs.roles');
  const rule = operation['x-rule'];
  const request = contentOf(operation.requestBody);
  return (
    <div className="flex flex-col gap-6 px-4 pt-1 pb-6">
      {operation.description !== undefined && (
        <p lang="en" className="max-w-prose">
          {operation.description}
        </p>
      )}
      {rule && (
        <p className="text-text-muted text-sm">
          {roles(rule.role)}
          {rule.role !== 'guest' && ` ${t('scope', { scope: rule.scope })}`}
        </p>
      )}
      {request?.schema && (
        <section className="flex flex-col gap-2">
          <h4 className="text-sm font-semibold">
            {t('request')} <InlineCode>{request.type}</InlineCode>
          </h4>
          <SchemaView document={document} schema={request.schema} />
        </section>
      )}
      <section className="flex flex-col gap-2">
        <h4 className="text-sm font-semibold">{t('answers')}</h4>
        <ul className="flex flex-col gap-2">
          {Object.entries(operation.responses ?? {}).map(([status, response]) => {
            const content = contentOf(response);
            return (
              <li key={status} className="text-sm">
                <details>
                  <summary className="cursor-pointer">
                    <InlineCode>{status === 'default' ? t('otherwise') : status}</InlineCode>{' '}
                    {response.description}{' '}
                    {content && <span className="text-text-muted font-mono text-xs">{content.type}</span>}
                  </summary>
                  {content?.schema && (
                    <div className="pt-2 pl-2">
                      <SchemaView document={document} schema={content.schema} />
                    </div>
                  )}
                </details>
              </li>
            );
          })}
        </ul>
      </section>
      <section className="flex flex-col gap-3">
        <h4 className="text-sm font-semibold">{t('try')}</h4>
        <TryOperation document={document} operation={operation} token={token} />
      </section>
    </div>
  );
}
