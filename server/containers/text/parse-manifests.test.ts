import { describe, expect, it } from 'vitest';
import { withImages } from '../../sites/pod-templates';
import { namedContainers } from './named-images';
import { parseManifests } from './parse-manifests';

const web = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      initContainers:
        - name: setup
          image: a/setup:1
      containers:
        - name: web
          image: a/web:1
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports: [{port: 80}]
`;

const rulesOf = (text: string) => parseManifests(text).findings.map(({ rule, line }) => [rule, line]);

describe('manifests', () => {
  it('reads several documents and finds nothing wrong', () => {
    const { objects, findings } = parseManifests(`${web}---\n# the end\n`);
    expect(findings).toEqual([]);
    expect(objects.map(({ value }) => value.kind)).toEqual(['Deployment', 'Service']);
  });

  it('names the images with their lines, and writes them anew', () => {
    const { objects } = parseManifests(web);
    expect(namedContainers(objects)).toEqual([
      { image: 'a/setup:1', where: 'Deployment/web: setup', line: 14 },
      { image: 'a/web:1', where: 'Deployment/web: web', line: 17 },
    ]);
    const values = objects.map(({ value }) => value);
    const written = JSON.stringify(withImages(values, (image) => `r/${image}@sha256:1`));
    expect(written).toContain('r/a/web:1@sha256:1');
    expect(JSON.stringify(values)).not.toContain('sha256');
  });

  it('says which field has another type than a cluster takes', () => {
    const said = (text: string) =>
      parseManifests(text).findings.map(({ rule, line, params }) => [
        rule,
        line,
        params.path,
        params.expected,
      ]);
    const container = 'spec.template.spec.containers.0';
    const withField = (field: string) =>
      web.replace('          image: a/web:1', `          image: a/web:1\n          ${field}`);
    expect(said(web.replace('spec:\n  selector', 'spec:\n  replicas: two\n  selector'))).toEqual([
      ['wrongType', 6, 'spec.replicas', 'integer'],
    ]);
    expect(said(withField('env: [{name: PORT, value: 80}]'))).toEqual([
      ['wrongType', 18, `${container}.env.0.value`, 'string'],
    ]);
    expect(said(withField('ports: [{containerPort: 99999}]'))).toEqual([
      ['wrongType', 18, `${container}.ports.0.containerPort`, '≤ 65535'],
    ]);
    expect(said(withField('imagePullPolicy: Sometimes'))).toEqual([
      ['wrongType', 18, `${container}.imagePullPolicy`, 'Always | IfNotPresent | Never'],
    ]);
    expect(said(withField('args: [1, "2"]'))).toEqual([['wrongType', 18, `${container}.args.0`, 'string']]);
    expect(said(withField('somethingNew: {of: 1}'))).toEqual([]);
  });

  it('says what is wrong, by line', () => {
    expect(rulesOf('a: [1')).toEqual([['yaml', 1]]);
    expect(rulesOf('- 1')).toEqual([['notAnObject', 1]]);
    expect(rulesOf('kind: Pod\nmetadata: {name: x}')).toEqual([['missing', 1]]);
    expect(rulesOf(web.replace('apps/v1', 'extensions/v1beta1'))).toEqual([['formerVersion', 1]]);
    expect(rulesOf(web.replace('apps/v1', 'v1'))).toEqual([['wrongVersion', 1]]);
    expect(rulesOf(web.replace('labels: {app: web}\n    spec', 'labels: {app: other}\n    spec'))).toEqual([
      ['selector', 7],
    ]);
    expect(rulesOf(web.replace('          image: a/web:1\n', ''))).toEqual([['missing', 16]]);
    expect(rulesOf(web.replace('name: web\nspec:\n  ports', 'name: Web_1\nspec:\n  ports'))).toEqual([
      ['badName', 22],
    ]);
    expect(rulesOf(`${web}---\n${web}`)).toEqual([
      ['objectTwice', 29],
      ['objectTwice', 47],
    ]);
  });

  it('warns of what a site decides', () => {
    const { findings } = parseManifests(
      'apiVersion: x.io/v1\nkind: Thing\nmetadata: {name: a, namespace: other}\n',
    );
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['otherNamespace', 'warning'],
      ['unknownKind', 'warning'],
    ]);
  });

  it('does not unfold aliases beyond measure', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((k, i) => {
        const before = 'abcdefgh'[i] ?? 'a';
        return `${k}: &${k} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`;
      }),
    ].join('\n');
    expect(rulesOf(bomb).map(([rule]) => rule)).toEqual(['yaml']);
  });
});
