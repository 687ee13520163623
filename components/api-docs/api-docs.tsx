'use client';

import { useQuery } from '@tanstack/react-query';
import { Braces, Download, SearchX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { problemOf } from '../api/problem-of';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input, SearchInput } from '../ui/input';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { SkeletonRows } from '../ui/skeleton';
import { matches, operationsByTag, type ApiDocument, type Operation } from './openapi';
import { OperationCard } from './operation-card';

const address = '/api/openapi.json';

/** The REST API as a page: every operation, searchable, to be tried with one's session or a token. */
export function ApiDocs() {
  const t = useTranslations('api.docs');
  const { data, error, refetch } = useQuery({ queryKey: ['openapi'], queryFn: fetchDocument });
  return (
    <div className="flex flex-col gap-5">
      <PageHeader
        icon={<Braces />}
        title={t('title')}
        description={t('description')}
        actions={
          <LinkButton href={address} download="openapi.json" icon={<Download />}>
            {t('download')}
          </LinkButton>
        }
      />
      {error ? (
        <ErrorState problem={problemOf(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={10} />
      ) : (
        <Operations document={data} />
      )}
    </div>
  );
}

async function fetchDocument({ signal }: { signal: AbortSignal }): Promise<ApiDocument> {
  const response = await fetch(address, { signal });
  const document: unknown = await response.json();
  if (!response.ok) throw document;
  return document as ApiDocument;
}

function Operations({ document }: { document: ApiDocument }) {
  const t = useTranslations('api.docs');
  const [search, setSearch] = useState('');
  const [token, setToken] = useState('');
  const groups = [...operationsByTag(document)]
    .map(([tag, operations]) => ({ tag, operations: operations.filter((each) => matches(each, search)) }))
    .filter(({ operations }) => operations.length > 0);
  return (
    <>
      <div className="grid items-start gap-4 md:grid-cols-2">
        <Field label={t('token')} hint={t('tokenHint')} optional>
          <Input
            type="password"
            mono
            autoComplete="off"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value.trim())}
          />
        </Field>
        <div className="md:pt-[1.6875rem]">
          <SearchInput
            value={search}
            onValueChange={setSearch}
            label={t('search')}
            placeholder={t('searchPlaceholder')}
          />
        </div>
      </div>
      {groups.length === 0 && <EmptyState icon={<SearchX />} title={t('nothingFound', { search })} />}
      {groups.map(({ tag, operations }) => (
        <TagCard key={tag} tag={tag} operations={operations} document={document} token={token} />
      ))}
    </>
  );
}

function TagCard({
  tag,
  operations,
  document,
  token,
}: {
  tag: string;
  operations: Operation[];
  document: ApiDocument;
  token: string;
}) {
  return (
    <Card title={tag} padded={false}>
      <ul>
        {operations.map((operation) => (
          <OperationCard key={operation.id} document={document} operation={operation} token={token} />
        ))}
      </ul>
    </Card>
  );
}
