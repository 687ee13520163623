/** Operations as an operator meets them: many edges from a file, the map, what failed, stores and their releases. */
import { faultsOfPages, settled } from './stacks/looks';
import { signIn, type Person } from './stacks/people';
import { consoleErrors, expect, test } from './stacks/test';
import { testImage } from './stacks/test-image';
import { makeProject } from './stacks/vms';
import { publishVersion, sendArchive, webManifests } from './stacks/web-app';

test.use({ world: 'operations' });

/** Cities to stand edges in: name, degrees north, degrees east. */
const cities: [string, number, number][] = [
  ['Hamburg', 53.55, 9.99],
  ['Munich', 48.14, 11.58],
  ['Lyon', 45.76, 4.84],
  ['Beijing', 39.9, 116.4],
  ['Shenzhen', 22.54, 114.06],
  ['Nairobi', -1.29, 36.82],
  ['Valparaiso', -33.05, -71.61],
  ['Montreal', 45.5, -73.57],
];

/** Docker hosts where nobody listens: each is unwell, for the same cause. */
function nobodyAt(count: number): string {
  const entries = Array.from({ length: count }, (_, index) => {
    const [city = '', latitude = 0, longitude = 0] = cities[index % cities.length] ?? [];
    const place = `{ address: ${city}, latitude: ${latitude + index / 500}, longitude: ${longitude + index / 400} }`;
    return [
      `- name: ${city} ${index + 1}`,
      '  kind: docker',
      '  config: { endpoint: tcp://127.0.0.1:9, tls: false }',
      `  labels: { region: ${latitude > 0 ? 'north' : 'south'}, fleet: pages }`,
      `  place: ${place}`,
    ].join('\n');
  });
  return entries.join('\n');
}

/** The server is other specs' too. */
test.afterAll(async ({ ada }) => {
  const { edges } = await ada.rest.expect<{ edges: { id: string }[] }>(
    200,
    'GET',
    '/api/v1/edges?label=fleet%3Dpages',
  );
  for (const { id } of edges) await ada.rest.call('DELETE', `/api/v1/sites/${id}`);
});

test('edges are imported, seen on the map and list, and asked again', async ({ context, server, ada }) => {
  await signIn(context, server, ada);
  const page = await context.newPage();
  const errors = consoleErrors(page);
  await page.goto(`${server.url}/operations/edges/import`);
  const text = page.getByRole('textbox', { name: 'Content' });
  await text.fill(`${nobodyAt(12)}\n- name: Nowhere\n  kind: toaster\n`);
  await page.getByRole('button', { name: 'Look through' }).click();
  const entries = page.getByRole('listitem');
  await expect(entries.filter({ hasText: 'Nowhere' })).toContainText('Refused');
  await expect(entries.filter({ hasText: 'Line 61' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Import 12 edges' }).click();
  await expect(page.getByText('12 edges are imported')).toBeVisible();
  await page.getByRole('link', { name: 'Nairobi 6' }).click();
  await expect(page.getByRole('heading', { name: 'Nairobi 6', level: 1 })).toBeVisible();

  await page.goto(`${server.url}/operations`);
  const list = page.getByRole('list', { name: 'Edges' });
  await page.getByRole('combobox', { name: 'Label' }).selectOption('fleet=pages');
  await expect(list.getByRole('listitem')).toHaveCount(12);
  const failed = page.getByRole('region', { name: 'What failed' });
  await expect(failed).toContainText('12 edges unwell');
  await failed.getByRole('button', { name: 'Check all 12 now' }).click();
  await expect(page.getByText('12 edges are being looked at')).toBeVisible();

  // The map by keys: the two of Hamburg stand together until one goes near.
  const map = page.getByRole('group', { name: 'Map of the edges' });
  await expect(map.getByRole('button')).not.toHaveCount(0);
  const before = await map.getByRole('button').count();
  await map.focus();
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('+');
  await expect(async () => expect(await map.getByRole('button').count()).not.toBe(before)).toPass();
  await page.keyboard.press('0');
  await expect(map.getByRole('button')).toHaveCount(before);
  await map.getByRole('button', { name: /^Nairobi 6/ }).click();
  await expect(page.getByRole('dialog', { name: 'Nairobi 6' })).toContainText('Unwell');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.getByRole('searchbox', { name: 'Name, place or label' }).fill('region=south');
  await expect(list.getByRole('listitem')).toHaveCount(2);
  await expect(page).toHaveURL(/q=region/);
  expect(errors).toEqual([]);
});

test('a place and labels are given by the form and by the map', async ({ context, server, ada }) => {
  const id = await anEdge(ada, 'Placeless');
  await signIn(context, server, ada);
  const page = await context.newPage();
  await page.goto(`${server.url}/operations/edges/${id}`);
  await settled(page);
  await page.getByRole('region', { name: 'Place and labels' }).getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Latitude').fill('95');
  await dialog.getByLabel('Longitude').fill('10');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('A number between −90 and 90.').first()).toBeVisible();
  await dialog.getByRole('group', { name: 'Map: press a place to choose it' }).click();
  await expect(dialog.getByLabel('Latitude')).not.toHaveValue('95');
  await dialog.getByLabel('Labels').fill('fleet=pages\ntier=2\ngpu');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'tier=2' })).toBeVisible();
  await page.getByRole('link', { name: 'gpu' }).click();
  await expect(page.getByRole('row', { name: /Placeless/ })).toBeVisible();
});

test('a release of the own store is synced, and again with the proof that nothing moved', async ({
  context,
  server,
  ada,
}) => {
  // What runs where is a table of edges and releases: without an edge there is none.
  await anEdge(ada, 'Idle');
  await publishReleases(ada, ['1.0', '2.0']);
  await signIn(context, server, ada);
  const page = await context.newPage();
  await page.goto(`${server.url}/operations/stores`);
  await page.getByRole('button', { name: 'Read the catalogue of This Edgeyard now' }).click();
  await expect(page.getByRole('link', { name: /^2\s*New$/ })).toBeVisible();
  await page.getByRole('link', { name: /^2\s*New$/ }).click();
  await page.getByRole('button', { name: 'Sync Weather station 1.0' }).click();
  // The one that is newer than what is here has changed now, and is no longer new.
  await expect(page.getByRole('button', { name: /^In step/ })).toContainText('1');
  await page.getByRole('button', { name: /^Changed/ }).click();
  await page.getByRole('button', { name: 'Sync 1 release' }).click();
  await expect(page.getByRole('button', { name: /^In step/ })).toContainText('2');
  await page.getByRole('button', { name: /^In step/ }).click();
  await page.getByRole('button', { name: 'Weather station 2.0', exact: true }).click();
  const drawer = page.getByRole('dialog');
  await expect(drawer).toContainText('All files of the package have the hashes');
  await drawer.getByRole('button', { name: 'Sync again' }).click();
  await expect(drawer).toContainText('Nothing had to move');
  await page.screenshot({ path: '.cache/pages/release-drawer.png' });
  await page.keyboard.press('Escape');
  await page.goto(`${server.url}/operations`);
  await expect(page.getByRole('row', { name: /Weather station 2.0/ })).toContainText('0 of');
});

test('every page of operations is usable: WCAG AA, no sideways scrolling, no errors', async ({
  browser,
  server,
  ada,
}) => {
  test.setTimeout(600_000);
  const { edges } = await ada.rest.expect<{ edges: { edgeId: string }[] }>(
    200,
    'POST',
    '/api/v1/edges/import',
    { format: 'yaml', text: nobodyAt(60) },
  );
  const faults = await faultsOfPages(browser, server, ada, {
    operations: '/operations',
    edges: '/operations/edges',
    edge: `/operations/edges/${edges[0]?.edgeId}`,
    'import edges': '/operations/edges/import',
    stores: '/operations/stores',
    'new store': '/operations/stores/new',
    'own store': '/operations/stores/own',
    releases: '/operations/releases?tab=all',
    distributions: '/operations/distributions',
    'edge site': '/admin/sites/new?purpose=edge',
  });
  expect(faults).toEqual([]);
});

async function anEdge(person: Person, name: string): Promise<string> {
  const text = `- name: ${name}\n  kind: docker\n  labels: { fleet: pages }\n  config: { endpoint: tcp://127.0.0.1:9, tls: false }\n`;
  const { edges } = await person.rest.expect<{ edges: { edgeId: string }[] }>(
    200,
    'POST',
    '/api/v1/edges/import',
    { format: 'yaml', text },
  );
  return edges[0]?.edgeId ?? '';
}

/** Publishes releases of a container app, whose image is in the store's registry. */
async function publishReleases(person: Person, versions: readonly string[]): Promise<void> {
  const projectId = await makeProject(person, 'Weather station', 'container');
  await sendArchive(person, projectId, testImage({ seed: 'weather' }).dockerArchive('acme/web:1'));
  await person.rest.expect(200, 'PUT', `/api/v1/projects/${projectId}/deployment-text`, {
    content: { kind: 'manifests', text: webManifests() },
    basedOn: null,
  });
  for (const version of versions) await publishVersion(person, projectId, version);
}
