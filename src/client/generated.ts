/** Made by scripts/generate.ts from the OpenAPI document: not edited by hand. */
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface paths {
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the control plane answers, its version and owner id */
        get: operations["showHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All providers, by name */
        get: operations["listProviders"];
        put?: never;
        /** Registers a provider */
        post: operations["addProvider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One provider, with what it offered when last asked */
        get: operations["showProvider"];
        put?: never;
        post?: never;
        /** Forgets a provider that nothing uses, with its domains and secrets */
        delete: operations["removeProvider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{name}/rotate-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the SSH key by which a provider’s machines are entered: records that and returns */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{name}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks the provider now whether it can be used, and if not why */
        post: operations["checkProvider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{name}/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a provider was asked since the control plane started: figures, and the last calls without secrets */
        get: operations["showProviderCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All deployment domains with their offers and machines, by name */
        get: operations["listDomains"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/domains/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One deployment domain with its offers and machines */
        get: operations["showDomain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All releases, the newest upload last */
        get: operations["listReleases"];
        put?: never;
        /** Uploads a release archive (gzipped tar) */
        post: operations["uploadRelease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/releases/{reference}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One release with what its inspection found */
        get: operations["showRelease"];
        put?: never;
        post?: never;
        /** Deletes a release that no blueprint and no node uses */
        delete: operations["deleteRelease"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/releases/deletions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deletes many releases, those that are used excepted; answers an outcome each */
        post: operations["deleteReleases"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Versions of families that failed while they were rolled out, and are not applied again */
        get: operations["listQuarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{blueprint}/quarantine/{reference}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Lets versions of that release, which failed before, be applied again */
        delete: operations["liftQuarantine"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/replicas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The control planes that share the work on one database, and what each looks after */
        get: operations["listReplicas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Names of the secrets that are kept, in alphabetical order; never their values */
        get: operations["listSecrets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Keeps a secret value, encrypted; it can be replaced, never read back */
        put: operations["putSecret"];
        post?: never;
        /** Forgets a secret value */
        delete: operations["deleteSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rotations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Secrets that are being replaced, by name, and how far that is; never their values */
        get: operations["listRotations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{name}/rotate-cookie": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the cookies of the blueprint’s nodes while they run: records that and returns */
        post: operations["rotateCookie"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rotate-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Seals all secrets with another key, which takes the place of the key file */
        post: operations["rotateStoreKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A copy of the store, of one moment and checked, with secrets sealed and without the key to them */
        get: operations["backUp"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The plans that are kept, newest first, without their documents and steps */
        get: operations["listPlans"];
        put?: never;
        /** Plans what applying a blueprint would do, with reasons; the plan can then be adopted */
        post: operations["createPlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plans/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One plan with its steps and reasons */
        get: operations["showPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plans/{id}/adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a plan's revision current; refused when the facts have changed since (conflict) */
        post: operations["adoptPlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The status of every blueprint, by name */
        get: operations["showStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status/brief": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The status of every blueprint without its nodes and machines: what a line for each needs, by name */
        get: operations["showStatusInBrief"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All blueprints with their current documents, by name */
        get: operations["listBlueprints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads a blueprint as it is written (YAML), and answers what is wrong with it by line and column, or the document */
        post: operations["checkBlueprint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One blueprint with its current document */
        get: operations["showBlueprint"];
        put?: never;
        post?: never;
        /** Everything of the blueprint is to go, then the blueprint itself: records that and returns */
        delete: operations["destroyBlueprint"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{name}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a blueprint is on its way to what it declares: one snapshot */
        get: operations["showBlueprintStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{name}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every revision of a blueprint, oldest first */
        get: operations["listRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{name}/rebalance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Plans moves of running nodes to where they are better off; the plan can then be adopted */
        post: operations["rebalanceBlueprint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/families": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Node families of all blueprints or of one, by blueprint and name, with their nodes counted */
        get: operations["listFamilies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{blueprint}/families/{family}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One node family, with its nodes counted */
        get: operations["showFamily"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{blueprint}/families/{family}/scale": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a family another number of nodes */
        post: operations["scaleFamily"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Nodes of all blueprints or of one, by blueprint, family and ordinal */
        get: operations["listNodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{reference}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One node */
        get: operations["showNode"];
        put?: never;
        post?: never;
        /** The node is to go for good, and its family gets one node smaller */
        delete: operations["terminateNode"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{reference}/exec": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Runs a command beside a node, in its folder and with its release's environment */
        post: operations["executeBesideNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{reference}/rpc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes an Erlang call on a node; answers what it returns or raises, as Erlang text */
        post: operations["callOnNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{reference}/{act}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts, stops or restarts a node: records the wish and returns the node */
        post: operations["actOnNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/acts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts, stops, restarts or terminates many nodes, named or selected: records the wishes, and answers an outcome each */
        post: operations["actOnNodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{reference}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The end of a node's log, and with `follow` what comes behind it */
        get: operations["readNodeLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What requests began that takes time, newest first; those that ended long ago are not kept */
        get: operations["listOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One operation with its tasks: how far each is, and in whose words it waits or has failed */
        get: operations["showOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends an operation and takes back what it did; answers the operation that does so (conflict when it has ended) */
        post: operations["cancelOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{blueprint}/topology": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The edges that the cluster must have, the bootstrap runs behind them, and the last proof */
        get: operations["showTopology"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blueprints/{blueprint}/topology/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Proves the cluster now: every node's own view against what is declared */
        post: operations["verifyTopology"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened: pages of events, or a stream that resumes by Last-Event-ID */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Brakes that hold: what the control plane has stopped doing until a person has looked */
        get: operations["listAlarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sweep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Looks now for what is ours and on no record; says when and why it goes, and what was given up */
        get: operations["showSweep"];
        put?: never;
        /** Exactly these strays are to go, now and whatever the brake says: records that and returns */
        post: operations["removeStrays"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/leftovers/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Somebody has seen that what was given up is gone: it is looked for no more */
        delete: operations["forgetLeftover"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/repair/{about}/{name}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Repairs go on although so much seems dead: the brake that stopped them is released */
        post: operations["releaseRepair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tokens by name, without their values, besides the one of the token file */
        get: operations["listTokens"];
        put?: never;
        /** Makes a token with a role, for all blueprints or some; its value is told this once */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One token, without its value */
        get: operations["showToken"];
        put?: never;
        post?: never;
        /** Forgets a token: whoever presents it from now on is refused */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{name}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a token another value, which is told this once; the one before is good for a grace time */
        post: operations["rotateToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/revocations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Forgets many tokens; answers an outcome each */
        post: operations["revokeTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who changed what: the entries of the audit log, newest first */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verdict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Checks the whole audit log, and names the first entry that was changed, removed or moved */
        get: operations["verifyAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Adopted: {
            blueprint: string;
            revision: number;
            plan: string;
            operation: string | null;
        };
        Alarm: {
            /** @enum {string} */
            brake: "sweep" | "repair";
            /** @enum {string} */
            about: "provider" | "blueprint";
            name: string;
            /** Format: date-time */
            since: string;
            words: string;
            next: string;
            releasedBy: string | null;
        };
        AuditEntry: {
            sequence: number;
            /** Format: date-time */
            at: string;
            token: string;
            method: string;
            path: string;
            operation: string;
            blueprint: string | null;
            status: number;
        };
        AuditVerdict: {
            sound: number;
            head: string;
            broken: {
                sequence: number;
                words: string;
            } | null;
        };
        BlueprintDocument: {
            /**
             * @description version of this format
             * @enum {number}
             */
            wombat: 1;
            name: string;
            /** @description port of epmd on every host; 4369 when absent */
            epmdPort?: number;
            providers?: {
                [key: string]: components["schemas"]["ProviderDefinition"];
            };
            /** @description a provider of which no domain is declared has one of its own name */
            domains?: {
                [key: string]: components["schemas"]["DomainDefinition"];
            };
            releases: {
                [key: string]: {
                    /** @description path of the archive, relative to the blueprint */
                    file: string;
                    digest?: string;
                    /** @description with commands: what the archive, which may have any shape, is called by */
                    version?: string;
                    /** @description how it is run, for a system that is no OTP release */
                    commands?: {
                        /** @description becomes the node: stays in the foreground, and when it ends the node has ended; so `exec` what is to run */
                        start: string;
                        /** @description whether the node serves: a command that succeeds, or a call that answers true */
                        probe: string | {
                            /** @description an Erlang call on the node: module:function() */
                            call: string;
                        };
                        /** @description prints what the node itself knows, a line each: `version: 3.10.8`, and `member: NAME` for every node of its cluster as it sees it; its failure, with what it wrote, fails the proof. Needed for every mesh but none */
                        status?: string;
                        /** @description asks the node to end; TERM when absent */
                        stop?: string | {
                            /** @description an Erlang call on the node: module:function() */
                            call: string;
                        };
                    };
                } | {
                    digest: string;
                    /** @description how it is run, for a system that is no OTP release */
                    commands?: {
                        /** @description becomes the node: stays in the foreground, and when it ends the node has ended; so `exec` what is to run */
                        start: string;
                        /** @description whether the node serves: a command that succeeds, or a call that answers true */
                        probe: string | {
                            /** @description an Erlang call on the node: module:function() */
                            call: string;
                        };
                        /** @description prints what the node itself knows, a line each: `version: 3.10.8`, and `member: NAME` for every node of its cluster as it sees it; its failure, with what it wrote, fails the proof. Needed for every mesh but none */
                        status?: string;
                        /** @description asks the node to end; TERM when absent */
                        stop?: string | {
                            /** @description an Erlang call on the node: module:function() */
                            call: string;
                        };
                    };
                } | {
                    name: string;
                    version: string;
                    /** @description how it is run, for a system that is no OTP release */
                    commands?: {
                        /** @description becomes the node: stays in the foreground, and when it ends the node has ended; so `exec` what is to run */
                        start: string;
                        /** @description whether the node serves: a command that succeeds, or a call that answers true */
                        probe: string | {
                            /** @description an Erlang call on the node: module:function() */
                            call: string;
                        };
                        /** @description prints what the node itself knows, a line each: `version: 3.10.8`, and `member: NAME` for every node of its cluster as it sees it; its failure, with what it wrote, fails the proof. Needed for every mesh but none */
                        status?: string;
                        /** @description asks the node to end; TERM when absent */
                        stop?: string | {
                            /** @description an Erlang call on the node: module:function() */
                            call: string;
                        };
                    };
                };
            };
            limits?: {
                /** @description machines at the most */
                machines?: number;
                /** @description cores of all machines together */
                cores?: number;
                /** @description price of an hour of all machines together */
                costPerHour?: number;
                providers?: {
                    [key: string]: {
                        /** @description machines at the most */
                        machines?: number;
                        /** @description cores of all machines together */
                        cores?: number;
                        /** @description price of an hour of all machines together */
                        costPerHour?: number;
                    };
                };
                domains?: {
                    [key: string]: {
                        /** @description machines at the most */
                        machines?: number;
                        /** @description cores of all machines together */
                        cores?: number;
                        /** @description price of an hour of all machines together */
                        costPerHour?: number;
                    };
                };
            };
            /** @description how many of each licence there are */
            licences?: {
                [key: string]: number;
            };
            /** @description hosts that only these families may use */
            reserved?: {
                [key: string]: string[];
            };
            /** @description alternative families: of each list exactly one has nodes */
            oneOf?: string[][];
            /** @description what counts first, second and so on: spread, consolidate, prefer, cost; in this order when absent */
            optimise?: ("spread" | "consolidate" | "prefer" | "cost")[];
            families: {
                [key: string]: components["schemas"]["FamilyDefinition"];
            };
        };
        BlueprintStatus: {
            head: components["schemas"]["Head"];
            /** @enum {string} */
            state: "converging" | "converged" | "failing" | "stuck" | "destroying";
            words: string;
            families: components["schemas"]["FamilyView"][];
            nodes: components["schemas"]["Node"][];
            machines: components["schemas"]["Machine"][];
            proof: components["schemas"]["Proof"] | null;
            rollouts: components["schemas"]["RolloutView"][];
            quarantine: components["schemas"]["Quarantine"][];
            links?: {
                from: string;
                to: string;
                /** @enum {string} */
                kind: "visible" | "hidden" | "none";
                waits: string | null;
            }[];
            /** @enum {boolean} */
            proofOutdated?: true;
        };
        BlueprintView: {
            head: components["schemas"]["Head"];
            document: components["schemas"]["BlueprintDocument"];
            /** Format: date-time */
            createdAt: string;
        };
        BriefStatus: {
            head: components["schemas"]["Head"];
            /** @enum {string} */
            state: "converging" | "converged" | "failing" | "stuck" | "destroying";
            words: string;
            families: {
                name: string;
                wanted: number;
                running: number;
                phases: {
                    [key: string]: number;
                };
            }[];
            proof: {
                ok: boolean;
                verdict: string;
            } | null;
        };
        BulkActRequest: {
            /** @enum {string} */
            act: "start" | "stop" | "restart" | "terminate";
            /** @description ids or Erlang names */
            nodes?: string[];
            where?: {
                blueprint?: string;
                family?: string;
                domain?: string;
                /** @description the host part of the nodes' names, or the token of a machine */
                host?: string;
            };
        };
        BulkAnswer: {
            outcomes: components["schemas"]["BulkOutcome"][];
            done: number;
            failed: number;
        };
        BulkOutcome: {
            object: string;
            name: string | null;
            operation: string | null;
            problem: components["schemas"]["Problem"] | null;
        };
        BulkRequest: {
            names: string[];
        };
        CookieRotation: {
            /** @enum {string} */
            what: "cookie";
            blueprint: string;
            component: string;
            switched: string[];
            secret: string;
            /** Format: date-time */
            since: string;
            begun: boolean;
            words: string;
        };
        CookieRotationRequest: {
            /** @description only of the component that this family belongs to; of all when absent */
            family?: string;
        };
        Domain: {
            name: string;
            definition: components["schemas"]["DomainDefinition"];
            declaredBy: string | null;
        };
        DomainDefinition: {
            provider: string;
            region?: string;
            zone?: string;
            /** @description what new machines boot from */
            image?: string;
            /** @description the machine types that may be used; all when absent */
            machineTypes?: string[];
            /** @description ssh only: the addresses of the provider that belong here; all when absent */
            hosts?: string[];
            /** @description the part of the network that new machines are put on; the provider chooses when absent */
            subnet?: string;
            /** @description whether a made machine gets a public address (floating IP, elastic IP), by which it is then entered; false when absent */
            publicAddress?: boolean;
            /** @description address blocks from which the control plane enters made machines by SSH; everywhere when absent */
            enteredFrom?: string[];
            login?: {
                /** @description account that runs the nodes; `wombat`, made at first boot, when absent */
                user?: string;
                /** @description only for images that run no user-data: the host key that all of them show */
                hostKey?: string;
                /** @description private key that the image accepts; one of our own when absent */
                key?: string;
            };
            /** @description how long a made machine may take from its order to its first answer; the kind says when absent */
            bootSeconds?: number;
            /** @description price of an hour by machine type, where the provider states none */
            prices?: {
                [key: string]: number;
            };
            /** @description the network its machines are on. Nodes of two domains can reach each other when both name no network, or the same one, or one lists the other in `reaches` */
            network?: string;
            /** @description other networks from which and to which connections are possible */
            reaches?: string[];
            /** @description the ports that Erlang distribution may use here; 9100-9999 when absent */
            ports?: string;
            /** @description a machine out of reach for that long is given up and its nodes are placed elsewhere; 60 when absent */
            lostAfterSeconds?: number;
            capabilities?: {
                [key: string]: string | number | boolean;
            };
        };
        DomainView: {
            domain: components["schemas"]["Domain"];
            offers: components["schemas"]["Offer"][];
            machines: components["schemas"]["Machine"][];
        };
        EdgeView: [
            string,
            string
        ];
        Event: {
            sequence: number;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            level: "info" | "warning" | "error";
            kind: string;
            object: string;
            blueprint: string | null;
            what: string;
            words: string;
        };
        FamilyDefinition: {
            release: string;
            nodes: number;
            /** @description each must hold: attribute, operator, value: `cores >= 2`, `country in [SE, FI]` */
            demands?: string[];
            /** @description demands of which one at least must hold */
            anyOf?: string[];
            /** @description demands of which one must hold, and rather an earlier one than a later one */
            ordered?: string[];
            /** @description demands that count for or against, but need not hold */
            prefer?: {
                that: string;
                weight: number;
                /** @description 1 counts before all of 2, and so on; 5 when absent */
                priority?: number;
            }[];
            /** @description what each node takes of its host, which must have that much left: `{ cores: 2, memory: 512M }` */
            uses?: {
                [key: string]: number | string;
            };
            /** @description how many nodes of another family one node can serve: 7, or 3/2; more nodes are made where these need them */
            serves?: {
                [key: string]: number | string;
            };
            /** @description never more nodes than that, whatever they are to serve */
            mostNodes?: number;
            /** @description what each node takes one of: the blueprint's licences */
            licences?: string[];
            place?: {
                /**
                 * @description no two nodes of the family share that
                 * @enum {string}
                 */
                apart?: "host" | "zone" | "region" | "provider";
                /** @description no node of the family shares that with a node of the other family */
                apartFrom?: {
                    [key: string]: "host" | "zone" | "region" | "provider";
                };
                /**
                 * @description all nodes of the family share that
                 * @enum {string}
                 */
                together?: "host" | "zone" | "region" | "provider";
                /** @description each node shares that with some node of the other family */
                near?: {
                    family: string;
                    /** @enum {string} */
                    within: "host" | "zone" | "region" | "provider";
                };
                /** @description at most so many nodes of the family on each host, in each zone, region, at each provider */
                most?: {
                    host?: number;
                    zone?: number;
                    region?: number;
                    provider?: number;
                };
                /** @description on at least so many different hosts, zones, regions, providers: two survive the loss of one */
                least?: {
                    host?: number;
                    zone?: number;
                    region?: number;
                    provider?: number;
                };
                /** @description as evenly as possible over those */
                spread?: {
                    /** @enum {string} */
                    over: "host" | "zone" | "region" | "provider";
                    /** @description how much each should have, in proportion to the others: `{ aws: 60, rack: 40 }`; equal when absent */
                    shares?: {
                        [key: string]: number;
                    };
                };
                /**
                 * @description on as few of those as will do
                 * @enum {string}
                 */
                consolidate?: "host" | "zone" | "region" | "provider";
                /** @description hosts, each of which must have a node of the family */
                pinned?: string[];
            };
            /**
             * @description the same for all families that are linked; full when absent
             * @enum {string}
             */
            mesh?: "full" | "selected" | "none";
            /** @description within: distributed_erlang with one random peer when absent */
            bootstrap?: {
                within?: components["schemas"]["Strategy"];
                with?: {
                    [key: string]: components["schemas"]["Strategy"];
                };
            };
            config?: {
                /** @description environment variables */
                env?: {
                    [key: string]: string;
                };
                /** @description application -> parameter -> value, over the release's own sys.config. Text that looks like a plain atom (master, a@b) is one, other text is a string, null is undefined, a mapping is a property list; {atom: …}, {string: …}, {binary: …}, {float: …}, {tuple: […]} and {map: {…}} say the type */
                sysConfig?: {
                    [key: string]: {
                        [key: string]: components["schemas"]["Json"];
                    };
                };
                /** @description emulator flags, one argument an element, added behind the release's own */
                vmArgs?: string[];
            };
            /** @description what others may connect to on machines with nodes of the family, where their provider has a firewall; what linked families need for Erlang distribution is open without being said */
            firewall?: {
                /** @description TCP port, or the first and the last of several: 8080, 8000-8099 */
                ports: number | string;
                /** @description who may connect: families, address blocks like 192.0.2.0/24, or `world`, which is everybody */
                from: string[];
            }[];
            hooks?: {
                /** @description Erlang call on the node before it is stopped: module:function() */
                beforeStop?: string;
            };
            /** @description how running nodes are brought to another version of the family */
            update?: {
                /** @description so many nodes at a time; 1 when absent */
                parallel?: number;
                /** @description for so long a changed node must have been healthy at a stretch before the next; 5 when absent */
                minHealthySeconds?: number;
                /** @description at least so many nodes run at any time; where that leaves none to be changed, one more node is made while it lasts. All but `parallel` when absent */
                minRunning?: number;
                /** @description how long a changed node may take to be healthy before the change has failed; 300 when absent */
                deadlineSeconds?: number;
                /** @description what must hold besides, for a changed node to be healthy */
                check?: string | {
                    /** @description an Erlang call on the node: module:function() */
                    call: string;
                    /** @description what it must answer, as Erlang text; true when absent */
                    answers?: string;
                };
                /**
                 * @description what is done when it fails: back to the former version, or leave everything as it is; rollBack when absent
                 * @enum {string}
                 */
                onFailure?: "rollBack" | "stop";
            };
            /** @description a replaced node keeps its name, because its data needs it; false when absent */
            keepName?: boolean;
            /** @description how long a node may take to stop before it is ended by force; 30 when absent */
            stopSeconds?: number;
            /** @description how long a node may take to answer after its start; 60 when absent */
            bootSeconds?: number;
        };
        FamilyView: {
            blueprint: string;
            name: string;
            definition: components["schemas"]["FamilyDefinition"];
            wanted: number;
            running: number;
            phases: {
                [key: string]: number;
            };
        };
        FindingView: {
            /** @enum {string} */
            level: "ok" | "warning" | "error";
            what: string;
            words: string;
            code: string | null;
        };
        Head: {
            name: string;
            revision: number;
            plan: string | null;
            destroying: boolean;
            forgetting?: boolean;
            nextOrdinal: {
                [key: string]: number;
            };
            stuck: {
                code: string;
                why: string;
            } | null;
        };
        Health: {
            version: string;
            owner: string;
            /** Format: date-time */
            startedAt: string;
        };
        Inspection: {
            /** @enum {string} */
            kind: "systools" | "relx" | "mix" | "commands";
            name: string;
            version: string;
            erts: string | null;
            ertsIncluded: boolean;
            otp: string | null;
            applications: {
                name: string;
                version: string;
                /** @enum {string} */
                start: "permanent" | "transient" | "temporary" | "load" | "none";
            }[];
            native: {
                arch: string;
                libc: string;
                glibc: string | null;
                libraries: string[];
            } | null;
            boot: string | null;
            epmd: string | null;
            vmArgs: string | null;
            sysConfig: string | null;
            leftOut: string[];
            upgrades: {
                applications: {
                    name: string;
                    version: string;
                    from: string[];
                    downTo: string[];
                }[];
                release: {
                    from: string[];
                    downTo: string[];
                } | null;
            };
            files: number;
            unpackedBytes: number;
        };
        Json: Json;
        KeyRotation: {
            /** @enum {string} */
            what: "ssh key";
            provider: string;
            blueprint: string | null;
            fingerprint?: string;
            done: string[];
            lacking?: {
                where: string;
                why: string;
            }[];
            secret: string;
            /** Format: date-time */
            since: string;
            begun: boolean;
            words: string;
        };
        KeyRotationRequest: {
            /** @description the new private key, OpenSSH format, without a passphrase; where the control plane made the present one it makes another when absent */
            key?: string;
        };
        Leftover: {
            provider: string;
            /** @enum {string} */
            kind: "machine" | "beside" | "node";
            id: string;
            providerId: string | null;
            name: string;
            blueprint: string | null;
            /** Format: date-time */
            at: string;
            words: string;
        };
        Machine: {
            token: string;
            provider: string;
            domain: string;
            offer: string;
            machineType: string;
            providerId: string | null;
            access: ({
                /** @enum {string} */
                method: "local";
                directory: string;
            } | {
                /** @enum {string} */
                method: "ssh";
                address: string;
                port: number;
                user: string;
                hostKey: string;
                keySecret: string;
                directory: string;
            } | {
                /** @enum {string} */
                method: "memory";
                id: string;
            }) | null;
            attributes: {
                [key: string]: string | number | boolean;
            };
            capacity: {
                cores: number;
                memoryBytes: number;
                diskFreeBytes: number;
            };
            platform: {
                os: string;
                arch: string;
                libc: {
                    kind: string;
                    version: string;
                };
                libraries: string[];
            } | null;
            addresses: {
                address: string;
                prefix: number;
                /** @enum {string} */
                scope: "loopback" | "network";
            }[];
            pricePerHour: number | null;
            state: {
                /** @enum {string} */
                phase: "wanted";
                why: string | null;
                excludes?: {
                    /** @enum {string} */
                    what: "offer" | "domain";
                    code: string;
                };
            } | {
                /** @enum {string} */
                phase: "booting";
                /** Format: date-time */
                since: string;
                /** @default null */
                hostKey: string | null;
            } | {
                /** @enum {string} */
                phase: "ready";
                /** Format: date-time */
                since: string;
            } | {
                /** @enum {string} */
                phase: "unreachable";
                /** Format: date-time */
                since: string;
                why: string;
            } | {
                /** @enum {string} */
                phase: "lost";
                /** Format: date-time */
                since: string;
                why: string;
            } | {
                /** @enum {string} */
                phase: "destroying";
                /** Format: date-time */
                since: string;
                blueprint?: string;
            };
            doubt?: string;
            warnings?: {
                what: string;
                words: string;
            }[];
        };
        Node: {
            id: string;
            blueprint: string;
            family: string;
            ordinal: number;
            name: string;
            /** @enum {string} */
            desired: "running" | "stopped" | "removed";
            generation: number;
            placement: {
                provider: string;
                domain: string;
                machine: string;
                listen: string;
                advertised: string;
                port: number;
                cores: number;
                memoryBytes?: number;
                uses?: {
                    [key: string]: number;
                };
            };
            specification: components["schemas"]["NodeSpecification"];
            state: {
                /** @enum {string} */
                phase: "waiting";
                why: string;
            } | {
                /** @enum {string} */
                phase: "installing";
                /** Format: date-time */
                since: string;
            } | {
                /** @enum {string} */
                phase: "starting";
                /** Format: date-time */
                since: string;
                process: {
                    pid: number;
                    startTime: string;
                    bootId: string;
                } | null;
            } | {
                /** @enum {string} */
                phase: "started";
                /** Format: date-time */
                since: string;
                process: {
                    pid: number;
                    startTime: string;
                    bootId: string;
                };
                why: string;
            } | {
                /** @enum {string} */
                phase: "running";
                /** Format: date-time */
                since: string;
                process: {
                    pid: number;
                    startTime: string;
                    bootId: string;
                };
            } | {
                /** @enum {string} */
                phase: "stopping";
                /** Format: date-time */
                since: string;
                process: {
                    pid: number;
                    startTime: string;
                    bootId: string;
                } | null;
            } | {
                /** @enum {string} */
                phase: "stopped";
                /** Format: date-time */
                since: string;
            } | {
                /** @enum {string} */
                phase: "failed";
                /** Format: date-time */
                since: string;
                why: string;
                log: string[];
                /** Format: date-time */
                retryAt: string;
            } | {
                /** @enum {string} */
                phase: "removing";
                /** Format: date-time */
                since: string;
            };
            startedGeneration: number;
            failures: number;
            /** Format: date-time */
            createdAt: string;
            replaces?: string;
            asStarted?: components["schemas"]["NodeSpecification"];
            /** @enum {boolean} */
            extra?: true;
            move?: {
                machine: string;
                revision: number;
                why: string;
            };
        };
        NodeActed: {
            id: string;
            blueprint: string;
            family: string;
            ordinal: number;
            name: string;
            /** @enum {string} */
            desired: "running" | "stopped" | "removed";
            generation: number;
            placement: {
                provider: string;
                domain: string;
                machine: string;
                listen: string;
                advertised: string;
                port: number;
                cores: number;
                memoryBytes?: number;
                uses?: {
                    [key: string]: number;
                };
            };
            specification: components["schemas"]["NodeSpecification"];
            state: {
                /** @enum {string} */
                phase: "waiting";
                why: string;
            } | {
                /** @enum {string} */
                phase: "installing";
                /** Format: date-time */
                since: string;
            } | {
                /** @enum {string} */
                phase: "starting";
                /** Format: date-time */
                since: string;
                process: {
                    pid: number;
                    startTime: string;
                    bootId: string;
                } | null;
            } | {
                /** @enum {string} */
                phase: "started";
                /** Format: date-time */
                since: string;
                process: {
                    pid: number;
                    startTime: string;
                    bootId: string;
                };
                why: string;
            } | {
                /** @enum {string} */
                phase: "running";
                /** Format: date-time */
                since: string;
                process: {
                    pid: number;
                    startTime: string;
                    bootId: string;
                };
            } | {
                /** @enum {string} */
                phase: "stopping";
                /** Format: date-time */
                since: string;
                process: {
                    pid: number;
                    startTime: string;
                    bootId: string;
                } | null;
            } | {
                /** @enum {string} */
                phase: "stopped";
                /** Format: date-time */
                since: string;
            } | {
                /** @enum {string} */
                phase: "failed";
                /** Format: date-time */
                since: string;
                why: string;
                log: string[];
                /** Format: date-time */
                retryAt: string;
            } | {
                /** @enum {string} */
                phase: "removing";
                /** Format: date-time */
                since: string;
            };
            startedGeneration: number;
            failures: number;
            /** Format: date-time */
            createdAt: string;
            replaces?: string;
            asStarted?: components["schemas"]["NodeSpecification"];
            /** @enum {boolean} */
            extra?: true;
            move?: {
                machine: string;
                revision: number;
                why: string;
            };
            operation: string;
        };
        NodeSpecification: {
            release: string;
            digest: string;
            config: {
                /** @description environment variables */
                env?: {
                    [key: string]: string;
                };
                /** @description application -> parameter -> value, over the release's own sys.config. Text that looks like a plain atom (master, a@b) is one, other text is a string, null is undefined, a mapping is a property list; {atom: …}, {string: …}, {binary: …}, {float: …}, {tuple: […]} and {map: {…}} say the type */
                sysConfig?: {
                    [key: string]: {
                        [key: string]: components["schemas"]["Json"];
                    };
                };
                /** @description emulator flags, one argument an element, added behind the release's own */
                vmArgs?: string[];
            };
            commands?: {
                /** @description becomes the node: stays in the foreground, and when it ends the node has ended; so `exec` what is to run */
                start: string;
                /** @description whether the node serves: a command that succeeds, or a call that answers true */
                probe: string | {
                    /** @description an Erlang call on the node: module:function() */
                    call: string;
                };
                /** @description prints what the node itself knows, a line each: `version: 3.10.8`, and `member: NAME` for every node of its cluster as it sees it; its failure, with what it wrote, fails the proof. Needed for every mesh but none */
                status?: string;
                /** @description asks the node to end; TERM when absent */
                stop?: string | {
                    /** @description an Erlang call on the node: module:function() */
                    call: string;
                };
            };
            /** @enum {string} */
            mesh: "full" | "selected" | "none";
            component: string;
            epmdPort: number;
            beforeStop: string | null;
            stopSeconds: number;
            bootSeconds: number;
        };
        Offer: {
            id: string;
            provider: string;
            domain: string;
            machineType: string;
            attributes: {
                [key: string]: string | number | boolean;
            };
            capacity: {
                cores: number;
                memoryBytes: number;
                diskFreeBytes: number;
            };
            platform: {
                os: string;
                arch: string;
                libc: {
                    kind: string;
                    version: string;
                };
                libraries: string[];
            } | null;
            addresses: {
                address: string;
                prefix: number;
                /** @enum {string} */
                scope: "loopback" | "network";
            }[];
            listening: number[];
            left: number | null;
            pricePerHour: number | null;
            fault: {
                code: string;
                why: string;
            } | null;
        };
        Operation: {
            id: string;
            /** @enum {string} */
            kind: "apply" | "family create" | "family set" | "family remove" | "family scale" | "rebalance" | "node start" | "node stop" | "node restart" | "node terminate" | "destroy" | "roll back";
            cause: string;
            blueprint: string;
            family: string | null;
            node: {
                id: string;
                name: string;
            } | null;
            revision: number;
            former: number;
            by: string;
            /** Format: date-time */
            begun: string;
            ended: string | null;
            /** Format: date-time */
            deadline: string;
            rollBack: boolean;
            /** @enum {string} */
            state: "running" | "succeeded" | "failed" | "cancelled" | "superseded";
            words: string;
            undoes: string | null;
            followedBy: string | null;
        };
        OperationView: {
            operation: components["schemas"]["Operation"];
            tasks: components["schemas"]["Task"] | null;
        };
        Plan: {
            id: string;
            blueprint: string;
            parent: string | null;
            revision: number;
            document: components["schemas"]["BlueprintDocument"];
            cause: string;
            facts: string;
            steps: components["schemas"]["Step"][];
            report: {
                gain?: {
                    what: string;
                    before: string;
                    after: string;
                }[];
                placement?: {
                    /** @enum {string} */
                    method: "one by one" | "dynamic programming" | "integer programming";
                    proved: boolean;
                    gap: number | null;
                    /** @enum {string} */
                    ended?: "work" | "deadline";
                };
                conflict?: {
                    members: {
                        path: string;
                        words: string;
                    }[];
                    relax: string | null;
                };
                rejections: {
                    family: string;
                    offer: string;
                    why: string;
                }[];
                shortages: {
                    family: string;
                    wanted: number;
                    placed: number;
                    why: string[];
                    /** @enum {string} */
                    code: "unsatisfiable" | "unavailable" | "denied" | "timeout";
                }[];
                warnings: string[];
            };
            /** Format: date-time */
            createdAt: string;
            costBefore: number | null;
            costAfter: number | null;
        };
        PlanRequest: {
            document: components["schemas"]["BlueprintDocument"];
            cause?: string;
            revision?: number;
        };
        PlanView: {
            id: string;
            blueprint: string;
            parent: string | null;
            revision: number;
            cause: string;
            /** Format: date-time */
            createdAt: string;
            costBefore: number | null;
            costAfter: number | null;
            steps: number;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @enum {string} */
            kind: "invalid" | "not-found" | "exists" | "unsatisfiable" | "not-converged" | "rolled-back" | "conflict" | "stale" | "quarantined" | "unsettled" | "denied" | "unauthorized" | "quota" | "no-capacity" | "throttled" | "unavailable" | "timeout" | "unknown";
            object: string | null;
            words: string | null;
            next: string | null;
            faults: {
                path: string;
                line: number | null;
                column: number | null;
                message: string;
                hint: string | null;
            }[];
        };
        Proof: {
            blueprint: string;
            /** Format: date-time */
            at: string;
            subject: string;
            nodesExpected: number;
            nodesSeen: number;
            edgesExpected: number;
            edgesSeen: number;
            edgesAcross?: number;
            extraEdges: number;
            hidden: string[];
            ok: boolean;
            verdict: string;
            faults: {
                /** @enum {string} */
                kind: "missing edge" | "extra edge" | "unreachable node" | "wrong release" | "application not running" | "another process" | "extra node";
                nodes: string[];
                words: string;
            }[];
        };
        Provider: {
            name: string;
            definition: components["schemas"]["ProviderDefinition"];
            declaredBy: string | null;
        };
        ProviderDefinition: {
            /** @enum {string} */
            kind: "local";
            /** @description where nodes live; a folder of the control plane when absent */
            directory?: string;
            /** @description routable address of this machine that other hosts dial; found when absent */
            address?: string;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "ssh";
            hosts: {
                /** @description host name or IP address that we connect to */
                address: string;
                /** @description TCP port of its SSH server; 22 when absent */
                port?: number;
                /** @description account that runs the nodes */
                user: string;
                /** @description fingerprint of the host key; any other key is refused */
                hostKey: string;
                /** @description address that other nodes dial, where it differs from `address` */
                advertised?: string;
                capabilities?: {
                    [key: string]: string | number | boolean;
                };
            }[];
            /** @description private key, OpenSSH format */
            key: string;
            /** @description where nodes live on each host; ~/.wombat when absent */
            directory?: string;
            /** @description keep a firewall on the hosts: only what families declare and need is open, and SSH. Needs nftables, and a user who is root or may use sudo without a password; false when absent */
            firewall?: boolean;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "memory";
            /** @description how many machines a zone has; 100 when absent */
            machines?: number;
            cores?: number;
            /** @description memory of a machine, e.g. 4G */
            memory?: string;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "ec2";
            /** @description how hard the account may be asked, by all providers with these credentials together; slowed down further whenever it says that it is too much */
            limits?: {
                /** @description calls a second; 20 when absent */
                perSecond?: number;
                /** @description calls under way together; 8 when absent */
                atOnce?: number;
            };
            /** @description region of the domains that name none, e.g. eu-north-1 */
            region: string;
            /** @description JSON: {"accessKeyId": …, "secretAccessKey": …, "sessionToken"?: …} */
            credentials: string;
            /**
             * Format: uri
             * @description where the API is, for all regions; the one of the region when absent
             */
            endpoint?: string;
            /** @description whether the endpoint may be at a loopback, link-local or private address; false when absent */
            allowPrivate?: boolean;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "eucalyptus";
            /** @description how hard the account may be asked, by all providers with these credentials together; slowed down further whenever it says that it is too much */
            limits?: {
                /** @description calls a second; 20 when absent */
                perSecond?: number;
                /** @description calls under way together; 8 when absent */
                atOnce?: number;
            };
            /**
             * Format: uri
             * @description the compute service with its path: https://compute.example.com:8773/services/compute
             */
            endpoint: string;
            /** @description JSON: {"accessKeyId": …, "secretAccessKey": …} */
            credentials: string;
            /** @description whether the endpoint may be at a loopback, link-local or private address; false when absent */
            allowPrivate?: boolean;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "hetzner";
            /** @description how hard the account may be asked, by all providers with these credentials together; slowed down further whenever it says that it is too much */
            limits?: {
                /** @description calls a second; 20 when absent */
                perSecond?: number;
                /** @description calls under way together; 8 when absent */
                atOnce?: number;
            };
            /** @description JSON: {"token": …}, an API token of the project that may write */
            credentials: string;
            /**
             * Format: uri
             * @description where the API is; https://api.hetzner.cloud/v1 when absent
             */
            endpoint?: string;
            /** @description whether the endpoint may be at a loopback, link-local or private address; false when absent */
            allowPrivate?: boolean;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "openstack";
            /** @description how hard the account may be asked, by all providers with these credentials together; slowed down further whenever it says that it is too much */
            limits?: {
                /** @description calls a second; 20 when absent */
                perSecond?: number;
                /** @description calls under way together; 8 when absent */
                atOnce?: number;
            };
            /**
             * Format: uri
             * @description where Keystone is, e.g. https://cloud.example:5000/v3
             */
            endpoint: string;
            /** @description region of the domains that name none */
            region: string;
            /**
             * @description which of the endpoints in the catalogue are used; `public` when absent
             * @enum {string}
             */
            interface?: "public" | "internal" | "admin";
            /** @description JSON: {"applicationCredentialId": …, "applicationCredentialSecret": …}, or {"username": …, "password": …, "project": …, "userDomain"?: …, "projectDomain"?: …} */
            credentials: string;
            /** @description whether endpoints may be at a loopback, link-local or private address; false when absent */
            allowPrivate?: boolean;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "rackspace";
            /** @description how hard the account may be asked, by all providers with these credentials together; slowed down further whenever it says that it is too much */
            limits?: {
                /** @description calls a second; 20 when absent */
                perSecond?: number;
                /** @description calls under way together; 8 when absent */
                atOnce?: number;
            };
            /** @description region of the domains that name none; the user's own when absent */
            region?: string;
            /** @description JSON: {"username": …, "apiKey": …} */
            credentials: string;
            /**
             * Format: uri
             * @description where the identity service is; https://identity.api.rackspacecloud.com/v2.0 when absent
             */
            endpoint?: string;
            /** @description whether endpoints may be at a loopback, link-local or private address; false when absent */
            allowPrivate?: boolean;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "opennebula";
            /** @description how hard the account may be asked, by all providers with these credentials together; slowed down further whenever it says that it is too much */
            limits?: {
                /** @description calls a second; 20 when absent */
                perSecond?: number;
                /** @description calls under way together; 8 when absent */
                atOnce?: number;
            };
            /** @description URL of its XML-RPC, e.g. https://one.example.org:2633/RPC2 */
            endpoint: string;
            /** @description a JSON object: {"user": "…", "password": "…"}; a login token is given as password */
            credentials: string;
            /**
             * @description what reads the user-data in its images: OpenNebula’s own context packages (when absent) or cloud-init
             * @enum {string}
             */
            firstBoot?: "context" | "cloud-init";
            /** @description whether the endpoint may be a loopback, link-local or private address */
            allowPrivate?: boolean;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        } | {
            /** @enum {string} */
            kind: "cloudstack";
            /** @description how hard the account may be asked, by all providers with these credentials together; slowed down further whenever it says that it is too much */
            limits?: {
                /** @description calls a second; 20 when absent */
                perSecond?: number;
                /** @description calls under way together; 8 when absent */
                atOnce?: number;
            };
            /** @description URL of its API, e.g. https://cloud.example.org/client/api */
            endpoint: string;
            /** @description a JSON object: {"apiKey": "…", "secretKey": "…"} */
            credentials: string;
            /**
             * @description where families’ firewalls are enforced: `security groups` (when absent) for basic zones and others that have them, `host` for advanced zones without
             * @enum {string}
             */
            firewall?: "security groups" | "host";
            /** @description whether the endpoint may be a loopback, link-local or private address */
            allowPrivate?: boolean;
            /** @description what is ours there and on no record is removed when it has been seen for so long; 60 when absent */
            sweepAfterSeconds?: number;
            /** @description when more of its machines than that are out of reach at once, none is given up and nothing is placed elsewhere until they answer or a person says so: it may be us who are cut off; 50 when absent, 100 for never */
            repairUpToPercent?: number;
        };
        ProviderRequest: {
            name: string;
            definition: components["schemas"]["ProviderDefinition"];
        };
        ProviderSweep: {
            provider: string;
            machines: number;
            nodes: number;
            fault: string | null;
            alarm: components["schemas"]["Alarm"] | null;
            strays: components["schemas"]["StrayView"][];
        };
        ProviderView: {
            provider: components["schemas"]["Provider"];
            domains: string[];
            offers: number;
            machines: number;
            askedAt: string | null;
            fault: {
                code: string;
                why: string;
            } | null;
        };
        Quarantine: {
            blueprint: string;
            family: string;
            version: string;
            digest: string;
            release: string;
            revision: number;
            why: string;
            /** Format: date-time */
            at: string;
        };
        Release: {
            digest: string;
            name: string;
            version: string;
            bytes: number;
            /** Format: date-time */
            uploadedAt: string;
            inspection: components["schemas"]["Inspection"];
        };
        Replica: {
            /** @description counts up: each that joins has another one */
            number: number;
            url: string;
            /** Format: date-time */
            since: string;
            /** @enum {string} */
            state: "there" | "silent" | "gone";
            isSelf: boolean;
            shares: string[] | null;
        };
        Revision: {
            blueprint: string;
            number: number;
            document: components["schemas"]["BlueprintDocument"];
            /** Format: date-time */
            createdAt: string;
            cause: string;
            by?: string;
        };
        RolloutView: {
            blueprint: string;
            family: string;
            revision: number;
            former: number | null;
            version: string;
            /** @enum {string} */
            state: "rolling" | "done" | "rolling back" | "rolled back" | "stopped";
            why: string | null;
            returned: number | null;
            /** Format: date-time */
            startedAt: string;
            endedAt: string | null;
            healthy: number;
            of: number;
            waitsFor: {
                name: string;
                /** Format: date-time */
                at: string;
                gate: ("started" | "bootstrapped" | "proven" | "checked" | "healthy") | null;
                words: string;
                healthySince: string | null;
                incarnation: string | null;
                generation: number;
                deaths: number;
            } | null;
            minHealthySeconds: number;
        };
        Rotation: components["schemas"]["CookieRotation"] | components["schemas"]["KeyRotation"];
        Run: {
            id: string;
            blueprint: string;
            family: string;
            node: string;
            nodeName: string;
            peer: string | null;
            peerName: string | null;
            strategy: string;
            /** @enum {string} */
            step: "join" | "leave" | "none";
            /** @enum {string} */
            outcome: "done" | "was done" | "failed";
            words: string;
            incarnation: string;
            peerIncarnation: string | null;
            edge: [
                string,
                string
            ] | null;
            hidden?: boolean;
            /** Format: date-time */
            at: string;
        };
        ScaleRequest: {
            nodes: number;
        };
        SecretRequest: {
            value: string;
        };
        Step: {
            /** @enum {string} */
            do: "acquire machine";
            token: string;
            offer: string;
            provider: string;
            domain: string;
            why: string;
        } | {
            /** @enum {string} */
            do: "release machine";
            token: string;
            provider: string;
            domain: string;
            why: string;
        } | {
            /** @enum {string} */
            do: "add node";
            node: string;
            family: string;
            ordinal: number;
            name: string;
            placement: {
                provider: string;
                domain: string;
                machine: string;
                listen: string;
                advertised: string;
                port: number;
                cores: number;
                memoryBytes?: number;
                uses?: {
                    [key: string]: number;
                };
            };
            specification: components["schemas"]["NodeSpecification"];
            replaces: string | null;
            /** @enum {boolean} */
            extra?: true;
            why: string;
        } | {
            /** @enum {string} */
            do: "change node";
            node: string;
            name: string;
            family: string;
            specification: components["schemas"]["NodeSpecification"];
            why: string;
        } | {
            /** @enum {string} */
            do: "remove node";
            node: string;
            name: string;
            family: string;
            why: string;
        };
        Strategy: {
            select: ("none" | "random" | "all" | "oldest") | {
                /** @description that many, drawn at random */
                random: number;
            } | {
                /** @description the node of that id or name */
                node: string;
            };
            action: ("none" | "distributed_erlang" | "distributed_erlang_hidden") | {
                /** @description asked first: when it answers true, join is left out, which makes the action repeatable */
                done?: {
                    /** @enum {string} */
                    on: "new" | "peer";
                    call: string;
                } | {
                    /**
                     * @description beside which node; host means the new one
                     * @enum {string}
                     */
                    on: "host" | "new" | "peer";
                    command: string;
                };
                join: {
                    /** @enum {string} */
                    on: "new" | "peer";
                    call: string;
                } | {
                    /**
                     * @description beside which node; host means the new one
                     * @enum {string}
                     */
                    on: "host" | "new" | "peer";
                    command: string;
                };
                /** @description run on a survivor before a planned removal, and after a loss */
                leave?: {
                    /** @enum {string} */
                    on: "new" | "peer";
                    call: string;
                } | {
                    /**
                     * @description beside which node; host means the new one
                     * @enum {string}
                     */
                    on: "host" | "new" | "peer";
                    command: string;
                };
                /**
                 * @description which edges of the topology the action makes: those between the new node and the selected peers, the same as hidden connections (to a family of another blueprint), or none; `selected` when absent
                 * @enum {string}
                 */
                connects?: "none" | "selected" | "hidden";
            };
            /** @description several nodes may join at the same time; one after another when absent */
            parallel?: boolean;
        };
        Stray: {
            provider: string;
            /** @enum {string} */
            kind: "machine" | "beside" | "node";
            id: string;
            token: string | null;
            where: string;
            words: string;
            /** Format: date-time */
            firstSeen: string;
            seenMs: number;
            askedBy: string | null;
            failed: string | null;
        };
        StrayView: {
            provider: string;
            /** @enum {string} */
            kind: "machine" | "beside" | "node";
            id: string;
            token: string | null;
            where: string;
            words: string;
            /** Format: date-time */
            firstSeen: string;
            seenMs: number;
            askedBy: string | null;
            failed: string | null;
            goesInSeconds: number | null;
        };
        SweepRequest: {
            strays: {
                provider: string;
                /** @enum {string} */
                kind: "machine" | "beside" | "node";
                id: string;
            }[];
        };
        SweepView: {
            providers: components["schemas"]["ProviderSweep"][];
            leftovers: components["schemas"]["Leftover"][];
        };
        Task: {
            name: string;
            /** @enum {string} */
            state: "waiting" | "running" | "done" | "failed";
            words: string;
            since: string | null;
            tasks: components["schemas"]["Task"][];
        };
        Token: {
            name: string;
            /** @enum {string} */
            role: "read" | "operate" | "admin";
            blueprints: string[] | null;
            /** Format: date-time */
            createdAt: string;
            expiresAt: string | null;
        };
        TokenCreated: {
            token: components["schemas"]["Token"];
            value: string;
        };
        TokenRequest: {
            name: string;
            /** @enum {string} */
            role: "read" | "operate" | "admin";
            /** @description only these; all when null or absent */
            blueprints?: string[] | null;
            /** @description never when null or absent */
            expiresAfterSeconds?: number | null;
        };
        TokenRotation: {
            /** @description how long the value before is still good, so that whoever holds it can change over; 600 when absent */
            graceSeconds?: number;
        };
        TopologyView: {
            proof: components["schemas"]["Proof"] | null;
            edges: components["schemas"]["EdgeView"][];
            runs: components["schemas"]["Run"][];
            links?: {
                from: string;
                to: string;
                /** @enum {string} */
                kind: "visible" | "hidden" | "none";
                waits: string | null;
            }[];
            across?: {
                edge: components["schemas"]["EdgeView"];
                blueprint: string;
                hidden: boolean;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export interface operations {
    showHealth: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProviders: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ProviderView"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addProvider: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderView"];
                };
            };
            /** @description Made anew */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showProvider: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeProvider: {
        parameters: {
            query?: {
                /** @description the last resort, for one that is gone: also while it is in use; its machines and their nodes are forgotten */
                forget?: "true" | "false";
            };
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        left: string[];
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyRotationRequest"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rotation"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkProvider: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindingView"][];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showProviderCalls: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        figures: {
                            verb: string;
                            calls: number;
                            meanMs: number;
                            errors: {
                                [key: string]: number;
                            };
                        }[];
                        recent: {
                            /** Format: date-time */
                            at: string;
                            verb: string;
                            ms: number;
                            code: string;
                            words: string;
                        }[];
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDomains: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["DomainView"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showDomain: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReleases: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Release"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uploadRelease: {
        parameters: {
            query?: {
                /** @description for an archive that is no OTP release: what it is called */
                name?: string;
                /** @description the same: its version */
                version?: string;
            };
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/gzip": string;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Release"];
                };
            };
            /** @description Made anew */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Release"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showRelease: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description digest, or name@version, of a release */
                reference: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Release"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteRelease: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                /** @description digest, or name@version, of a release */
                reference: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteReleases: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkRequest"];
            };
        };
        responses: {
            /** @description Done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkAnswer"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listQuarantine: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Quarantine"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    liftQuarantine: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                blueprint: string;
                /** @description digest, or name@version, of a release */
                reference: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quarantine"][];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReplicas: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Replica"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSecrets: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: string[];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description scope and reference: `ants secret://env/KEY` */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretRequest"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description scope and reference: `ants secret://env/KEY` */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRotations: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Rotation"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateCookie: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CookieRotationRequest"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rotation"][];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateStoreKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    backUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.sqlite3": string;
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPlans: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["PlanView"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createPlan: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Made anew */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showPlan: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    adoptPlan: {
        parameters: {
            query?: {
                /** @description seconds after which the operation has failed if it has not ended; 3600 when absent */
                deadline?: number;
                /** @description whether what was done is taken back when the deadline passes */
                rollBack?: "true" | "false";
            };
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Adopted"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showStatus: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["BlueprintStatus"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showStatusInBrief: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["BriefStatus"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBlueprints: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["BlueprintView"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkBlueprint: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    text: string;
                    file?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        faults: {
                            path: string;
                            line: number | null;
                            column: number | null;
                            message: string;
                            hint: string | null;
                        }[];
                        document: components["schemas"]["BlueprintDocument"] | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showBlueprint: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlueprintView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    destroyBlueprint: {
        parameters: {
            query?: {
                /** @description seconds after which the operation has failed if it has not ended; 3600 when absent */
                deadline?: number;
                /** @description whether what was done is taken back when the deadline passes */
                rollBack?: "true" | "false";
                /** @description also while families of other blueprints link to it: they wait for it */
                force?: "true" | "false";
                /** @description the last resort: records go at once, neither hosts nor providers are asked, and what may be left is told */
                forget?: "true" | "false";
            };
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showBlueprintStatus: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlueprintStatus"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRevisions: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Revision"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rebalanceBlueprint: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description use as few of these as will do, for all families
                     * @enum {string}
                     */
                    consolidate?: "host" | "zone" | "region" | "provider";
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Made anew */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFamilies: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["FamilyView"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showFamily: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                blueprint: string;
                family: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FamilyView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    scaleFamily: {
        parameters: {
            query?: {
                /** @description seconds after which the operation has failed if it has not ended; 3600 when absent */
                deadline?: number;
                /** @description whether what was done is taken back when the deadline passes */
                rollBack?: "true" | "false";
            };
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                blueprint: string;
                family: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScaleRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Adopted"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNodes: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description only those of families called so */
                family?: string;
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Node"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showNode: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                /** @description id or Erlang name of a node */
                reference: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    terminateNode: {
        parameters: {
            query?: {
                /** @description seconds after which the operation has failed if it has not ended; 3600 when absent */
                deadline?: number;
                /** @description whether what was done is taken back when the deadline passes */
                rollBack?: "true" | "false";
            };
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                /** @description id or Erlang name of a node */
                reference: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeActed"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    executeBesideNode: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                /** @description id or Erlang name of a node */
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    command: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        code: number;
                        output: string;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    callOnNode: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                /** @description id or Erlang name of a node */
                reference: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    call: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        ok: boolean;
                        text: string;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actOnNode: {
        parameters: {
            query?: {
                /** @description seconds after which the operation has failed if it has not ended; 3600 when absent */
                deadline?: number;
                /** @description whether what was done is taken back when the deadline passes */
                rollBack?: "true" | "false";
            };
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                /** @description id or Erlang name of a node */
                reference: string;
                act: "start" | "stop" | "restart";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeActed"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    actOnNodes: {
        parameters: {
            query?: {
                /** @description seconds after which the operation has failed if it has not ended; 3600 when absent */
                deadline?: number;
                /** @description whether what was done is taken back when the deadline passes */
                rollBack?: "true" | "false";
            };
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkActRequest"];
            };
        };
        responses: {
            /** @description Done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkAnswer"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readNodeLog: {
        parameters: {
            query?: {
                /** @description how many of the last lines */
                lines?: number;
                /** @description stay, and send what the node writes from now on */
                follow?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description id or Erlang name of a node */
                reference: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOperations: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description only those in that state */
                state?: "running" | "succeeded" | "failed" | "cancelled" | "superseded";
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Operation"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showOperation: {
        parameters: {
            query?: {
                /** @description false leaves them out, for those who only wait */
                tasks?: "true" | "false";
            };
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelOperation: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showTopology: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                blueprint: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopologyView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verifyTopology: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                blueprint: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proof"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description only events with a greater sequence, oldest first; without it the newest come first */
                after?: number;
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Event"][];
                        next: string | null;
                        last: number;
                        /** @description the oldest event that is kept: all from there on are */
                        first: number;
                    };
                    "text/event-stream": string;
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAlarms: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Alarm"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showSweep: {
        parameters: {
            query?: {
                /** @description only there */
                provider?: string;
            };
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SweepView"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeStrays: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SweepRequest"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        strays: components["schemas"]["Stray"][];
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgetLeftover: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                /** @description `provider/kind/id` of what was given up */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    releaseRepair: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                /** @description what the brake holds for */
                about: "provider" | "blueprint";
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alarm"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTokens: {
        parameters: {
            query?: {
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Token"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenCreated"];
                };
            };
            /** @description Made anew */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenCreated"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    showToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
                /** @description the ETag under which it was read: refused (412) when it is another one by now */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRotation"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenCreated"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeTokens: {
        parameters: {
            query?: never;
            header?: {
                /** @description once under this key: sent again within a day, it gets the answer of the first time */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkRequest"];
            };
        };
        responses: {
            /** @description Done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkAnswer"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description only what belongs to that blueprint */
                blueprint?: string;
                /** @description the most items of a page: 100 when absent, 1000 at the most */
                limit?: number;
                /** @description `next` of the page before: goes on behind it; asked for with the same other parameters */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AuditEntry"][];
                        next: string | null;
                    };
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verifyAudit: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag of an answer that one has: 304 when it is still the same */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerdict"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
