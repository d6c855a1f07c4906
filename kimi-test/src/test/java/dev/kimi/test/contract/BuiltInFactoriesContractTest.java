package dev.kimi.test.contract;

import dev.kimi.Part;
import dev.kimi.spi.ProviderFactory;
import java.util.Map;
import org.junit.jupiter.api.Nested;

class BuiltInFactoriesContractTest {

    abstract static class BuiltIn extends FactoryContract {
        private final Part<?> part;
        private final String name;

        BuiltIn(Part<?> part, String name) {
            this.part = part;
            this.name = name;
        }

        @Override
        protected Part<?> part() {
            return part;
        }

        @Override
        protected ProviderFactory<?> factory() {
            return part.factory(name);
        }
    }

    @Nested
    class ApiKey extends BuiltIn {
        ApiKey() {
            super(Part.AUTH, "api-key");
        }

        @Override
        protected Map<String, String> settings() {
            return Map.of("api-key", "sk-contract");
        }
    }

    @Nested
    class Standard extends BuiltIn {
        Standard() {
            super(Part.RETRY, "standard");
        }
    }

    @Nested
    class Classic extends BuiltIn {
        Classic() {
            super(Part.RETRY, "classic");
        }
    }

    @Nested
    class Never extends BuiltIn {
        Never() {
            super(Part.RETRY, "never");
        }
    }

    @Nested
    class Local extends BuiltIn {
        Local() {
            super(Part.QUOTA, "local");
        }
    }

    @Nested
    class Fixed extends BuiltIn {
        Fixed() {
            super(Part.BATCH, "fixed");
        }
    }

    @Nested
    class LittlesLaw extends BuiltIn {
        LittlesLaw() {
            super(Part.BATCH, "littles-law");
        }
    }
}
