/** What every entity's model shares: the service name that ElectroDB writes into its items. */
export const SERVICE = "fashionistas";
