package dev.kimi.internal.endpoint;

import dev.kimi.internal.governor.Governor;
import dev.kimi.quota.Quota;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a service counts against one key, and what the callers with that key so share: quota, retry budget, gates and
 * throttles. Thread-safe.
 */
public final class Account {

    private final String id;
    private final Timer timer;
    private final Admission admission;
    private final Supplier<Governor> governors;
    private volatile Governor governor;

    /**
     * @param id what quotas know it by, see {@link AccountKey#id}
     * @param quota what may be sent when; not closed by the account
     */
    public Account(String id, Quota quota, TimeSource time, Timer timer, RandomGenerator random) {
        this.id = id;
        this.timer = timer;
        this.admission = new Admission(id, quota, time, timer);
        this.governors = () -> new Governor(time, timer, random);
        this.governor = governors.get();
    }

    String id() {
        return id;
    }

    Timer timer() {
        return timer;
    }

    /**
     * Sets the limits anew, for calls that ask from now on. Those that were admitted settle where they got in.
     *
     * @return to be closed once no lock is held
     */
    CapacityWatch limitBy(Quota quota) {
        return admission.limitBy(quota);
    }

    /** Where calls wait for the account's quota. */
    public Admission admission() {
        return admission;
    }

    /** What its callers share about sending again, or at all; to be asked for when a call begins. */
    public Governor governor() {
        return governor;
    }

    /**
     * Lets calls begin from now on as if none had been made before. Calls under way keep what they share: what they
     * still learn is of the time before.
     */
    public void resetLimits() {
        governor = governors.get();
        admission.resetQuota();
    }
}
