package dev.kimi.samples.customprovider;

import dev.kimi.Part;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.spi.ProviderFactory;
import dev.kimi.test.contract.FactoryContract;

class PatientRetryPolicyFactoryTest extends FactoryContract {

    @Override
    protected Part<RetryPolicy> part() {
        return Part.RETRY;
    }

    @Override
    protected ProviderFactory<?> factory() {
        return new PatientRetryPolicyFactory();
    }
}
