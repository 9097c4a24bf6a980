/** Which addresses may be called: https outside this machine, and never one inside somebody's network. */
import { BlockList, isIP } from 'node:net';

/** Addresses that no public image lies behind (RFC 6890 and later): private, link-local, carrier, multicast. */
const privateAddresses = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  privateAddresses.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  privateAddresses.addSubnet(network, prefix, 'ipv6');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function listed(list: BlockList, address: string): boolean {
  // A zone id (`fe80::1%eth0`) says nothing about reachability.
  const bare = address.split('%')[0] ?? address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined) return list.check(mapped, 'ipv4');
  return list.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4');
}

/** True for an address outside the public internet; also for what is no address at all. */
export function isPrivateAddress(address: string): boolean {
  return isIP(address.split('%')[0] ?? '') === 0 || listed(privateAddresses, address);
}

function isLoopbackAddress(address: string): boolean {
  return isIP(address) !== 0 && listed(loopback, address);
}

/** The host of a URL without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** True for this machine, as the URL itself says it. */
export function isLoopbackUrl(url: URL): boolean {
  // A dot at the end names the same host.
  const host = hostOf(url).toLowerCase().replace(/\.$/, '');
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host);
}
