import type { Provider } from '@nestjs/common';
import type { Config } from '#config';
import { Database } from '#database';
import { AuditChain, AuditLog, AuditSigner, AuditVerifier } from '#domain';
import { CONFIG } from '../http/config.js';

/** What the controller of the audit trail asks for. */
export const auditProviders: Provider[] = [
  { provide: AuditSigner, inject: [CONFIG], useFactory: (config: Config) => AuditSigner.open(config.secrets) },
  {
    provide: AuditChain,
    inject: [Database, AuditSigner],
    useFactory: (db: Database, signer: AuditSigner) => new AuditChain(db, signer),
  },
  {
    provide: AuditLog,
    inject: [Database, AuditChain, AuditSigner],
    useFactory: (db: Database, chain: AuditChain, signer: AuditSigner) =>
      new AuditLog(db, new AuditVerifier(db, chain, signer)),
  },
];
