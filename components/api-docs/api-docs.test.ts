import { describe, expect, it } from 'vitest';
import { exampleOf, matches, operationsByTag, type ApiDocument } from './openapi';
import { buildRequest, curlOf, missingValues } from './request';

const document: ApiDocument = {
  info: { title: 'Test' },
  paths: {
    '/api/v1/things/{id}': {
      post: {
        tags: ['Things'],
        summary: 'Changes a thing',
        parameters: [
          { name: 'id', in: 'path', required: true },
          { name: 'q', in: 'query' },
          { name: 'Idempotency-Key', in: 'header' },
        ],
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['name', 'size', 'kind', 'part'],
        properties: {
          name: { type: 'string', default: 'a thing' },
          size: { type: 'integer', minimum: 3 },
          kind: { enum: ['big', 'small'] },
          part: { anyOf: [{ $ref: '#/components/schemas/Thing' }, { type: 'null' }] },
          note: { type: 'string' },
        },
      },
    },
  },
};
const operation = operationsByTag(document).get('Things')?.[0] as NonNullable<
  ReturnType<ReturnType<typeof operationsByTag>['get']>
>[0];

describe('an example', () => {
  it('has what is required, and ends although the schema does not', () => {
    const example = exampleOf(document, { $ref: '#/components/schemas/Thing' }, 2);
    expect(example).toEqual({
      name: 'a thing',
      size: 3,
      kind: 'big',
      part: { name: 'a thing', size: 3, kind: 'big', part: {} },
    });
  });
});

describe('a request', () => {
  it('puts each parameter where it belongs', () => {
    const request = buildRequest('http://host', operation, {
      values: { id: 'a/b', q: 'x y', 'Idempotency-Key': 'k' },
      body: '{}',
      token: 'secret',
    });
    expect(request).toEqual({
      method: 'POST',
      url: 'http://host/api/v1/things/a%2Fb?q=x+y',
      headers: {
        'Idempotency-Key': 'k',
        Authorization: 'Bearer secret',
        'Content-Type': 'application/json',
      },
      body: '{}',
    });
    expect(missingValues(operation, {})).toEqual(['id']);
  });

  it('becomes a shell command that holds no token and survives quotes', () => {
    const values = { id: '1' };
    const request = buildRequest('http://host', operation, { values, body: `{"it's"}`, token: 'secret' });
    expect(curlOf(request)).toBe(
      [
        `curl -X POST`,
        `  'http://host/api/v1/things/1'`,
        `  -H "Authorization: Bearer $EDGEYARD_TOKEN"`,
        `  -H 'Content-Type: application/json'`,
        `  --data '{"it'\\''s"}'`,
      ].join(' \\\n'),
    );
  });
});

describe('searching', () => {
  it('finds by any word of method, path and summary', () => {
    expect(matches(operation, 'post thing')).toBe(true);
    expect(matches(operation, 'changes')).toBe(true);
    expect(matches(operation, 'delete')).toBe(false);
    expect(matches(operation, '')).toBe(true);
  });
});
