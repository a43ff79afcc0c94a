/** Every endpoint there is, in the order of the reference. */
import type { Endpoint } from './endpoint.ts';
import { auditList } from './endpoints/audit-list.ts';
import { auditVerify } from './endpoints/audit-verify.ts';
import { backupShow } from './endpoints/backup-show.ts';
import { blueprintCheck } from './endpoints/blueprint-check.ts';
import { blueprintDestroy } from './endpoints/blueprint-destroy.ts';
import { blueprintList } from './endpoints/blueprint-list.ts';
import { blueprintRebalance } from './endpoints/blueprint-rebalance.ts';
import { blueprintRevisions } from './endpoints/blueprint-revisions.ts';
import { blueprintShow } from './endpoints/blueprint-show.ts';
import { blueprintStatusShow } from './endpoints/blueprint-status.ts';
import { cookieRotate } from './endpoints/cookie-rotate.ts';
import { domainList } from './endpoints/domain-list.ts';
import { domainShow } from './endpoints/domain-show.ts';
import { eventList } from './endpoints/event-list.ts';
import { familyList } from './endpoints/family-list.ts';
import { familyScale } from './endpoints/family-scale.ts';
import { familyShow } from './endpoints/family-show.ts';
import { healthShow } from './endpoints/health-show.ts';
import { nodeActs } from './endpoints/node-acts.ts';
import { nodeAct } from './endpoints/node-act.ts';
import { nodeCall } from './endpoints/node-call.ts';
import { nodeExecute } from './endpoints/node-execute.ts';
import { nodeList } from './endpoints/node-list.ts';
import { nodeLogs } from './endpoints/node-logs.ts';
import { nodeShow } from './endpoints/node-show.ts';
import { nodeTerminate } from './endpoints/node-terminate.ts';
import { operationCancel } from './endpoints/operation-cancel.ts';
import { operationList } from './endpoints/operation-list.ts';
import { operationShow } from './endpoints/operation-show.ts';
import { planAdopt } from './endpoints/plan-adopt.ts';
import { planCreate } from './endpoints/plan-create.ts';
import { planList } from './endpoints/plan-list.ts';
import { planShow } from './endpoints/plan-show.ts';
import { providerAdd } from './endpoints/provider-add.ts';
import { providerCalls } from './endpoints/provider-calls.ts';
import { providerCheck } from './endpoints/provider-check.ts';
import { providerList } from './endpoints/provider-list.ts';
import { providerRemove } from './endpoints/provider-remove.ts';
import { providerRotateKey } from './endpoints/provider-rotate-key.ts';
import { providerShow } from './endpoints/provider-show.ts';
import { quarantineLift } from './endpoints/quarantine-lift.ts';
import { quarantineList } from './endpoints/quarantine-list.ts';
import { replicaList } from './endpoints/replica-list.ts';
import { releaseDeletions } from './endpoints/release-deletions.ts';
import { releaseDelete } from './endpoints/release-delete.ts';
import { releaseList } from './endpoints/release-list.ts';
import { releaseShow } from './endpoints/release-show.ts';
import { releaseUpload } from './endpoints/release-upload.ts';
import { rotationList } from './endpoints/rotation-list.ts';
import { secretDelete } from './endpoints/secret-delete.ts';
import { secretList } from './endpoints/secret-list.ts';
import { secretPut } from './endpoints/secret-put.ts';
import { storeKeyRotate } from './endpoints/store-key-rotate.ts';
import { statusBrief, statusShow } from './endpoints/status-show.ts';
import { alarmList } from './endpoints/alarm-list.ts';
import { leftoverForget } from './endpoints/leftover-forget.ts';
import { repairRelease } from './endpoints/repair-release.ts';
import { strayRemove } from './endpoints/stray-remove.ts';
import { sweepShow } from './endpoints/sweep-show.ts';
import { tokenCreate } from './endpoints/token-create.ts';
import { tokenList } from './endpoints/token-list.ts';
import { tokenShow } from './endpoints/token-show.ts';
import { tokenRotate } from './endpoints/token-rotate.ts';
import { tokenRevocations } from './endpoints/token-revocations.ts';
import { tokenRevoke } from './endpoints/token-revoke.ts';
import { topologyShow } from './endpoints/topology-show.ts';
import { topologyVerify } from './endpoints/topology-verify.ts';

export const endpoints: readonly Endpoint[] = [
  healthShow,
  providerList,
  providerAdd,
  providerShow,
  providerRemove,
  providerRotateKey,
  providerCheck,
  providerCalls,
  domainList,
  domainShow,
  releaseList,
  releaseUpload,
  releaseShow,
  releaseDelete,
  releaseDeletions,
  quarantineList,
  quarantineLift,
  replicaList,
  secretList,
  secretPut,
  secretDelete,
  rotationList,
  cookieRotate,
  storeKeyRotate,
  backupShow,
  planList,
  planCreate,
  planShow,
  planAdopt,
  statusShow,
  statusBrief,
  blueprintList,
  blueprintCheck,
  blueprintShow,
  blueprintStatusShow,
  blueprintRevisions,
  blueprintRebalance,
  blueprintDestroy,
  familyList,
  familyShow,
  familyScale,
  nodeList,
  nodeShow,
  nodeExecute,
  nodeCall,
  nodeAct,
  nodeActs,
  nodeTerminate,
  nodeLogs,
  operationList,
  operationShow,
  operationCancel,
  topologyShow,
  topologyVerify,
  eventList,
  alarmList,
  sweepShow,
  strayRemove,
  leftoverForget,
  repairRelease,
  tokenList,
  tokenCreate,
  tokenShow,
  tokenRotate,
  tokenRevoke,
  tokenRevocations,
  auditList,
  auditVerify,
];
