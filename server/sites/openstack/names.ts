/** The names by which everything made for a VM is found again, and deleted with it. */

/** Name of the VM's key pair, security group, flavor and snapshot. */
export function nameOf(vmId: string): string {
  return `edgeyard-${vmId}`;
}

/** Whether a name is one of {@link nameOf}: such things belong to one VM and are offered to no other. */
export function isOurs(name: string): boolean {
  return name.startsWith('edgeyard-');
}

/** Description of the VM's floating IPs, ports and groups: neutron lets one filter by it. */
export function markOf(vmId: string): string {
  return `edgeyard-vm=${vmId}`;
}
