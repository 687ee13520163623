/** Names an app, as a key of maps: what makes two releases those of one app. */
export const appKey = ({ provider, name }: { provider: string; name: string }): string =>
  JSON.stringify([provider, name]);
