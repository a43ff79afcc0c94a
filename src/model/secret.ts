/** Names under which secret values are kept: the reference as written, within the scope of who wrote it. */

/** The scope of a blueprint's references is its name; that of a provider added by hand is `provider:<name>`. */
export function secretScope(provider: { readonly name: string; readonly declaredBy: string | null }): string {
  return provider.declaredBy ?? `provider:${provider.name}`;
}

/** The name of the secret behind a `secret://…` reference. */
export function secretName(scope: string, reference: string): string {
  return `${scope} ${reference}`;
}

/** The name of the cookie of one connected component of linked families, called by its first family. */
export function cookieSecretName(blueprint: string, component: string): string {
  return `${blueprint} cookie://${component}`;
}

/** The name of what a secret was before, while it is being replaced: both are tried then, the new one first. */
export function formerSecretName(name: string): string {
  return `${name} former`;
}

/** The name of what a secret is to become, from the moment that this is asked for until both values are known. */
export function nextSecretName(name: string, fingerprint: string): string {
  return `${name} next ${fingerprint}`;
}

/** The name under which the SHA-256 of a key is kept that was replaced by another: nobody hands it in again by mistake. */
export function retiredSecretName(name: string): string {
  return `${name} retired`;
}

/** The name of what is kept for a machine's first contact: the host key that it shows then, which serves once, and who it lets in. */
export function firstHostKeySecretName(machine: string): string {
  return `machine:${machine} first-host-key`;
}

/** The name of the private key by which machines that a provider makes for us are entered. */
export function loginKeySecretName(provider: string): string {
  return `provider:${provider} login-key`;
}
