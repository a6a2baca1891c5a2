import { optional } from "@fashionistas/core/config";
import { deleteUser } from "./client.ts";

/**
 * Deletes who has this subject (`sub`) from the user pool of the stage; being gone already is as good. Their refresh tokens end
 * with them. @returns false when the stage's issuer is not ours to delete from: its owner has to be asked
 * @throws CognitoBusyError (ask again later), CognitoRefusedError
 */
export async function forgetUser(subject: string): Promise<boolean> {
  const userPoolId = optional("AUTH_USER_POOL_ID", undefined);
  if (!userPoolId) return false;
  await deleteUser({ userPoolId, username: subject });
  return true;
}
