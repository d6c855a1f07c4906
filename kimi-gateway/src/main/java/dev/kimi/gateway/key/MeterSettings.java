package dev.kimi.gateway.key;

import dev.kimi.time.TimeSource;

/**
 * What all keys are counted by.
 *
 * @param time clocks
 * @param periods days and months of budgets
 * @param pricing what calls may cost
 * @param budgetStatus HTTP status of a budget that is spent
 */
record MeterSettings(TimeSource time, Periods periods, Pricing pricing, int budgetStatus) {}
