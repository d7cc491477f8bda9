// Owns how LiteSVM's errors are written in JSON: exactly as the cluster's TransactionError serializes.
import * as internal from 'litesvm/dist/internal.js';

/** `"BlockhashNotFound"`, `{"InstructionError":[0,{"Custom":1}]}`, … */
export type TransactionErrorJson = string | { readonly [name: string]: unknown };

/** In the order of the numbers that LiteSVM answers. */
export const TRANSACTION_ERRORS =
  'AccountInUse AccountLoadedTwice AccountNotFound ProgramAccountNotFound InsufficientFundsForFee InvalidAccountForFee AlreadyProcessed BlockhashNotFound CallChainTooDeep MissingSignatureForFee InvalidAccountIndex SignatureFailure InvalidProgramForExecution SanitizeFailure ClusterMaintenance AccountBorrowOutstanding WouldExceedMaxBlockCostLimit UnsupportedVersion InvalidWritableAccount WouldExceedMaxAccountCostLimit WouldExceedAccountDataBlockLimit TooManyAccountLocks AddressLookupTableNotFound InvalidAddressLookupTableOwner InvalidAddressLookupTableData InvalidAddressLookupTableIndex InvalidRentPayingAccount WouldExceedMaxVoteCostLimit WouldExceedAccountDataTotalLimit MaxLoadedAccountsDataSizeExceeded ResanitizationNeeded InvalidLoadedAccountsDataSizeLimit UnbalancedTransaction ProgramCacheHitMaxLimit CommitCancelled'.split(
    ' ',
  );

/** In the order of the numbers that LiteSVM answers. */
export const INSTRUCTION_ERRORS =
  'GenericError InvalidArgument InvalidInstructionData InvalidAccountData AccountDataTooSmall InsufficientFunds IncorrectProgramId MissingRequiredSignature AccountAlreadyInitialized UninitializedAccount UnbalancedInstruction ModifiedProgramId ExternalAccountLamportSpend ExternalAccountDataModified ReadonlyLamportChange ReadonlyDataModified DuplicateAccountIndex ExecutableModified RentEpochModified NotEnoughAccountKeys AccountDataSizeChanged AccountNotExecutable AccountBorrowFailed AccountBorrowOutstanding DuplicateAccountOutOfSync InvalidError ExecutableDataModified ExecutableLamportChange ExecutableAccountNotRentExempt UnsupportedProgramId CallDepth MissingAccount ReentrancyNotAllowed MaxSeedLengthExceeded InvalidSeeds InvalidRealloc ComputationalBudgetExceeded PrivilegeEscalation ProgramEnvironmentSetupFailure ProgramFailedToComplete ProgramFailedToCompile Immutable IncorrectAuthority AccountNotRentExempt InvalidAccountOwner ArithmeticOverflow UnsupportedSysvar IllegalOwner MaxAccountsDataAllocationsExceeded MaxAccountsExceeded MaxInstructionTraceLengthExceeded BuiltinProgramsMustConsumeComputeUnits BorshIoError'.split(
    ' ',
  );

/** Lookup failures, which the cluster's RPC answers as invalid params before any preflight. */
const LOOKUP_ERRORS = new Set([
  'AddressLookupTableNotFound',
  'InvalidAddressLookupTableOwner',
  'InvalidAddressLookupTableData',
  'InvalidAddressLookupTableIndex',
]);

export function isLookupError(error: TransactionErrorJson | null): boolean {
  return typeof error === 'string' && LOOKUP_ERRORS.has(error);
}

/** JSON form of the error of a failed LiteSVM transaction. */
export function transactionErrorJson(
  error: ReturnType<internal.FailedTransactionMetadata['err']>,
): TransactionErrorJson {
  if (typeof error === 'number') return nameOf(TRANSACTION_ERRORS, error);
  if (error instanceof internal.TransactionErrorInstructionError) {
    return { InstructionError: [error.index, instructionErrorJson(error.err())] };
  }
  if (error instanceof internal.TransactionErrorDuplicateInstruction) return { DuplicateInstruction: error.index };
  const name =
    error instanceof internal.TransactionErrorInsufficientFundsForRent
      ? 'InsufficientFundsForRent'
      : 'ProgramExecutionTemporarilyRestricted';
  return { [name]: { account_index: error.accountIndex } };
}

/** The sentence that the cluster's RPC puts behind "Transaction simulation failed: ". */
export function describeTransactionError(error: TransactionErrorJson): string {
  if (error === 'BlockhashNotFound') return 'Blockhash not found';
  if (error === 'AlreadyProcessed') return 'This transaction has already been processed';
  if (typeof error === 'string') return error;
  const detail = error.InstructionError;
  if (!Array.isArray(detail)) return JSON.stringify(error);
  const [index, cause]: readonly unknown[] = detail;
  const custom = typeof cause === 'object' && cause !== null && 'Custom' in cause ? cause.Custom : undefined;
  const text = typeof custom === 'number' ? `custom program error: 0x${custom.toString(16)}` : JSON.stringify(cause);
  return `Error processing Instruction ${index}: ${text}`;
}

function instructionErrorJson(error: ReturnType<internal.TransactionErrorInstructionError['err']>): unknown {
  if (typeof error === 'number') return nameOf(INSTRUCTION_ERRORS, error);
  return error instanceof internal.InstructionErrorCustom ? { Custom: error.code } : 'BorshIoError';
}

function nameOf(names: readonly string[], number: number): string {
  const name = names[number];
  if (name === undefined) throw new Error(`LiteSVM answered error ${number}, which has no name here`);
  return name;
}
