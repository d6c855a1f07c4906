package dev.kimi.docs;

import dev.kimi.batch.BatchWindow;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.test.contract.BatchWindowContract;
import dev.kimi.time.VirtualTime;

// snippet:contract
class PoliteWindowTest extends BatchWindowContract {

    @Override
    protected BatchWindow window() {
        return new PoliteWindowFactory()
                .create(ProviderSettings.builder("kimi.batch", new VirtualTime())
                        .set("max-batch-size", "64")
                        .build());
    }

    @Override
    protected int most() {
        return 64;
    }
}
// end
