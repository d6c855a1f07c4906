package dev.kimi.test.contract;

import dev.kimi.quota.Quota;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;

class LocalQuotaContractTest extends QuotaContract {

    @Override
    protected Quota quota(VirtualTime clock, int concurrency, int requests, int tokens) {
        return Quota.local(ProviderSettings.builder("kimi.quota", clock)
                .time(clock)
                .set("concurrency", Integer.toString(concurrency))
                .set("requests-per-minute", Integer.toString(requests))
                .set("tokens-per-minute", Integer.toString(tokens))
                .build());
    }
}
