/** The kinds of resource that jailctl manages, in the order in which they are created. */
export type KindName = 'firewall' | 'limits' | 'boot' | 'jail' | 'account' | 'tree' | 'login';

/** Names one resource on the host: `account/web1`, `firewall/ipv4`, `tree/web/usr/bin/python3`. */
export type Address = `${KindName}/${string}`;
