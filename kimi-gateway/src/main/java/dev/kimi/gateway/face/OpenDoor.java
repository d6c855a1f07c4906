package dev.kimi.gateway.face;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.key.Admission;
import dev.kimi.gateway.key.AdmissionRequest;
import dev.kimi.gateway.key.Gatekeeper;
import java.math.BigDecimal;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Lets everybody in. */
final class OpenDoor implements Gatekeeper, Gatekeeper.Caller {

    @Override
    public Caller identify(Collection<char[]> presented) {
        return this;
    }

    @Override
    public String keyId() {
        return "anybody";
    }

    @Override
    public boolean mayUse(String model) {
        return true;
    }

    @Override
    public Admission admit(AdmissionRequest request) {
        return new Admission() {
            @Override
            public void settle(Usage usage, @Nullable BigDecimal cost, boolean reached) {}
        };
    }
}
