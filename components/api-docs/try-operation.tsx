'use client';

import { useMutation } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { problemOf } from '../api/problem-of';
import { Button } from '../ui/button';
import { CodeBlock } from '../ui/code-block';
import { ErrorState } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Select } from '../ui/select';
import { Textarea } from '../ui/textarea';
import { contentOf, exampleOf, type ApiDocument, type Operation, type Parameter } from './openapi';
import { buildRequest, curlOf, missingValues } from './request';
import { sendRequest, type Answer } from './send-request';

/** Fills in an operation, shows it as a curl command, sends it and shows the answer. */
export function TryOperation({
  document,
  operation,
  token,
}: {
  document: ApiDocument;
  operation: Operation;
  token: string;
}) {
  const t = useTranslations('api.docs');
  const content = contentOf(operation.requestBody);
  const json = content?.type === 'application/json' ? content.schema : undefined;
  const [values, setValues] = useState<Record<string, string>>({});
  const [body, setBody] = useState(() => json && JSON.stringify(exampleOf(document, json), null, 2));
  const request = buildRequest(window.location.origin, operation, {
    values,
    body,
    token: token === '' ? undefined : token,
  });
  const send = useMutation({ mutationFn: () => sendRequest(request) });
  const missing = missingValues(operation, values);
  const wrong = body === undefined ? undefined : jsonError(body);
  const reason =
    content !== undefined && json === undefined
      ? t('onlyJson', { type: content.type })
      : missing.length > 0
        ? t('fillIn', { names: missing.join(', ') })
        : wrong;
  return (
    <form
      method="post"
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason === undefined) send.mutate();
      }}
    >
      {(operation.parameters ?? []).length > 0 && (
        <div className="grid gap-3 sm:grid-cols-2">
          {operation.parameters?.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              value={values[parameter.name] ?? ''}
              onChange={(value) => setValues({ ...values, [parameter.name]: value })}
            />
          ))}
        </div>
      )}
      {body !== undefined && (
        <Field label={t('body')} {...(wrong !== undefined && { error: wrong })}>
          <Textarea
            mono
            rows={Math.min(16, body.split('\n').length + 1)}
            value={body}
            spellCheck={false}
            onChange={(event) => setBody(event.currentTarget.value)}
          />
        </Field>
      )}
      <CodeBlock label={t('curl')} text={curlOf(request)} language="sh" wrap />
      <div>
        <Button
          type="submit"
          variant={operation.method === 'DELETE' ? 'danger' : 'primary'}
          icon={<Send />}
          busy={send.isPending}
          {...(reason !== undefined && { disabledReason: reason })}
        >
          {t('send')}
        </Button>
      </div>
      <div aria-live="polite">
        {send.error && <ErrorState compact problem={problemOf(send.error)} />}
        {send.data && <AnswerView answer={send.data} />}
      </div>
    </form>
  );
}

function ParameterField({
  parameter,
  value,
  onChange,
}: {
  parameter: Parameter;
  value: string;
  onChange: (value: string) => void;
}) {
  const { name, description, required, in: place, schema } = parameter;
  const values = schema?.enum;
  return (
    <Field
      label={name}
      required={required === true || place === 'path'}
      {...((description ?? schema?.description) !== undefined && {
        hint: description ?? schema?.description,
      })}
    >
      {values ? (
        <Select
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          options={['', ...values.map(String)].map((option) => ({ value: option, label: option }))}
        />
      ) : (
        <Input
          mono
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          placeholder={schema?.default === undefined ? '' : JSON.stringify(schema.default)}
        />
      )}
    </Field>
  );
}

function AnswerView({ answer }: { answer: Answer }) {
  const t = useTranslations('api.docs');
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm">
        <span className={answer.ok ? 'text-success font-semibold' : 'text-danger font-semibold'}>
          {answer.status}
        </span>{' '}
        <span className="text-text-muted tabular">{t('answeredIn', { ms: answer.ms })}</span>
      </p>
      {answer.body !== '' && <CodeBlock label={t('answerBody')} text={answer.body} language="json" />}
      <CodeBlock label={t('answerHeaders')} text={answer.headers} maxHeight="sm" />
    </div>
  );
}

/** What is wrong with a text that should be JSON, in the browser's words; undefined when nothing is. */
function jsonError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
