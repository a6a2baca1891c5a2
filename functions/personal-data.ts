import { setKeyMaster } from "@fashionistas/core/data-key";
import { keyMaster } from "@fashionistas/integrations/kms";

/** Imported by every entry that opens or writes personal data: a row of a manifest says so with `personalData`. */
setKeyMaster(keyMaster);
