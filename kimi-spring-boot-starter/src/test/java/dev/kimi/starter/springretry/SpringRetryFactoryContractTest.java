package dev.kimi.starter.springretry;

import dev.kimi.Part;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.test.contract.FactoryContract;

class SpringRetryFactoryContractTest extends FactoryContract {

    @Override
    protected Part<?> part() {
        return Part.RETRY;
    }

    @Override
    protected ProviderFactory<?> factory() {
        return new SpringRetryPolicyFactory();
    }
}
