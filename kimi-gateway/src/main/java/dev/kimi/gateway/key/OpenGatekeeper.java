package dev.kimi.gateway.key;

import java.util.Collection;

/** Lets everybody in, for a gateway without keys. */
final class OpenGatekeeper implements Gatekeeper {

    private static final Admission WITHOUT_LIMITS = (usage, cost, reached) -> {};

    private static final Caller ANYBODY = new Caller() {
        @Override
        public String keyId() {
            return "anonymous";
        }

        @Override
        public boolean mayUse(String model) {
            return true;
        }

        @Override
        public boolean isUnrestricted() {
            return true;
        }

        @Override
        public Admission admit(AdmissionRequest request) {
            return WITHOUT_LIMITS;
        }
    };

    @Override
    public Caller identify(Collection<char[]> presented) {
        return ANYBODY;
    }
}
