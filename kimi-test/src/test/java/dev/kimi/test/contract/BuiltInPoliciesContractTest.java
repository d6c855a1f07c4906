package dev.kimi.test.contract;

import dev.kimi.retry.RetryPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

class BuiltInPoliciesContractTest {

    @Nested
    class Standard extends RetryPolicyContract {
        @Override
        protected RetryPolicy policy() {
            return RetryPolicy.standard(3, Duration.ofSeconds(60));
        }
    }

    @Nested
    class Classic extends RetryPolicyContract {
        @Override
        protected RetryPolicy policy() {
            return RetryPolicy.classic(3, 1, Duration.ofSeconds(4), Duration.ofSeconds(10));
        }
    }
}
