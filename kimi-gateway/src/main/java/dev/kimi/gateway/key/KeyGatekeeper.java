package dev.kimi.gateway.key;

import dev.kimi.time.TimeSource;
import java.time.Instant;
import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets in who presents a key of the ring. Thread-safe. */
final class KeyGatekeeper implements Gatekeeper {

    private final Supplier<KeyRing> ring;
    private final TimeSource time;

    /** @param ring the keys as of now */
    KeyGatekeeper(Supplier<KeyRing> ring, TimeSource time) {
        this.ring = ring;
        this.time = time;
    }

    @Override
    public Caller identify(Collection<char[]> presented) {
        if (presented.isEmpty()) {
            throw Rejections.noKey();
        }
        KeyRing keys = ring.get();
        Instant now = time.now();
        KeyMeter found = null;
        boolean unknown = false;
        boolean several = false;
        for (char[] one : presented) {
            @Nullable KeyMeter meter = keys.find(one, now);
            unknown |= meter == null;
            several |= found != null && meter != found;
            found = meter;
        }
        if (unknown || found == null) {
            throw Rejections.unknownKey();
        }
        if (several) {
            throw Rejections.twoKeys();
        }
        Validity.check(found.key(), now);
        return new KnownCaller(found.key().id(), found);
    }

    private record KnownCaller(String keyId, KeyMeter meter) implements Caller {

        @Override
        public boolean mayUse(String model) {
            return meter.mayUse(model);
        }

        @Override
        public boolean isUnrestricted() {
            return meter.isUnrestricted();
        }

        @Override
        public Admission admit(AdmissionRequest request) {
            return meter.admit(request);
        }
    }
}
