import { expect, it } from 'vitest';
import { templateSummary } from './template-summary';

const text = `
heat_template_version: '2018-08-31'
parameters:
  image_disk: { type: string }
resources:
  security_group:
    type: OS::Neutron::SecurityGroup
    properties:
      rules:
        - { protocol: icmp }
        - { protocol: tcp, port_range_min: 22, port_range_max: 22 }
        - { protocol: udp, port_range_min: '5000', port_range_max: '5010' }
  net_own: { type: OS::Neutron::Net }
  net_own_subnet: { type: OS::Neutron::Subnet, properties: { cidr: 10.0.0.0/24 } }
  port_a: { type: OS::Neutron::Port, properties: { network: { get_resource: net_own } } }
  port_b: { type: OS::Neutron::Port, properties: { network: provider } }
  server_web:
    type: OS::Nova::Server
    properties: { name: web, flavor: edge.tiny }
  server_db:
    type: OS::Nova::Server
    properties: { name: { get_param: db }, flavor: edge.small }
`;

it('tells what a template makes', () => {
  expect(templateSummary(text)).toEqual({
    vms: [
      { name: 'web', flavor: 'edge.tiny' },
      { name: 'server_db', flavor: 'edge.small' },
    ],
    networks: 1,
    cards: 2,
    open: ['icmp', 'tcp/22', 'udp/5000-5010'],
  });
});

it.each(['', '- 1', 'resources: {a: {}}', 'a: [', '\u0000'])('takes %j for no template', (none) => {
  expect(templateSummary(none)).toBeUndefined();
});
