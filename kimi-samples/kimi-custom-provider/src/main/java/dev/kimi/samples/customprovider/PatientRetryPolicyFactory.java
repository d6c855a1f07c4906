package dev.kimi.samples.customprovider;

import dev.kimi.retry.RetryPolicy;
import dev.kimi.retry.RetryPolicyFactory;
import dev.kimi.spi.ProviderSettings;
import java.time.Duration;
import java.util.Set;

/**
 * {@code kimi.retry.preset: patient} is for work that nobody waits for: it tries up to {@code kimi.retry.max-attempts}
 * times (default 10) and obeys every hint of the service, however long, that the deadline allows.
 */
// snippet:retry-plugin
public final class PatientRetryPolicyFactory implements RetryPolicyFactory {

    @Override
    public String name() {
        return "patient";
    }

    @Override
    public Set<String> settings() {
        return Set.of("max-attempts", "delay");
    }

    @Override
    public RetryPolicy create(ProviderSettings settings) {
        return new PatientRetryPolicy(
                settings.positive("max-attempts", 10), settings.duration("delay", Duration.ofSeconds(5)));
    }
}
// end
