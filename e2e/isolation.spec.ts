import { bootTiny, makeProject, removeProject } from './stacks/vms';
import { expect, test } from './stacks/test';

interface OpenApi {
  paths: Record<string, Record<string, { 'x-rule'?: { role: string } }>>;
}

// What stands in a path before `{id}` names the kind of thing.
const kinds = ['projects', 'vms', 'images', 'packages', 'jobs'] as const;

test('another developer’s things look as if they were not there, on every route @S1', async ({
  server,
  bo,
  cy,
}) => {
  const projectId = await makeProject(bo);
  const vm = await bootTiny(bo, projectId);
  const { jobs } = await bo.rest.expect<{ jobs: { id: string }[] }>(200, 'GET', '/api/v1/jobs');
  const ids: Partial<Record<string, string>> = { projects: projectId, vms: vm.id, jobs: jobs[0]?.id };
  const description = (await (await fetch(new URL('/api/openapi.json', server.url))).json()) as OpenApi;

  let asked = 0;
  const told: string[] = [];
  for (const [path, methods] of Object.entries(description.paths)) {
    const kind = kinds.find((name) => path.startsWith(`/api/v1/${name}/{`));
    const id = kind && ids[kind];
    if (id === undefined) continue;
    for (const [method, { 'x-rule': rule }] of Object.entries(methods)) {
      expect(rule, `${method} ${path} declares a rule`).toBeDefined();
      const answer = async (real: string) => {
        const at = path.replace(/\{\w+\}/, real).replaceAll(/\{\w+\}/g, 'x');
        const body = method === 'get' || method === 'delete' ? undefined : {};
        const { status, body: problem } = await cy.rest.call<{ key?: string }>(
          method.toUpperCase(),
          at,
          body,
        );
        return `${status} ${problem?.key ?? ''}`;
      };
      const foreign = await answer(id);
      const absent = await answer(`${id.slice(0, -4)}0000`);
      if (foreign !== absent || foreign.startsWith('2'))
        told.push(`${method} ${path}: ${foreign}, absent: ${absent}`);
      asked += 1;
    }
  }
  expect(told).toEqual([]);
  expect(asked).toBeGreaterThan(20);
  await removeProject(bo, projectId);
});
