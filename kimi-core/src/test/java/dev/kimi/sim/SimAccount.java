package dev.kimi.sim;

import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.governor.LimitTarget;
import java.util.List;

/** An account with all that it is held to. */
final class SimAccount {

    final Limits limits;
    final SimQuota quota;
    final SimCredentials credentials;
    private final World world;
    private final Account account;

    SimAccount(World world, Account account, Limits limits, SimQuota quota, SimCredentials credentials) {
        this.world = world;
        this.account = account;
        this.limits = limits;
        this.quota = quota;
        this.credentials = credentials;
    }

    Account account() {
        return account;
    }

    /** Looks at the gates for those models. */
    void watch(String address, List<String> models) {
        account.governor().passage(new LimitTarget(address, null, null)).gates().forEach(limits.gates::add);
        models.stream()
                .map(model -> account.governor().passage(new LimitTarget(address, model, model)))
                .forEach(passage -> passage.gates().forEach(limits.gates::add));
    }

    /** Between two events. */
    void check(int live) {
        world.check(quota.outstanding() <= live, -1, "more reservations than calls");
        int queued = account.admission().waiting();
        world.check(queued <= live, -1, "more calls wait for quota than live");
        if (!world.anyClosed()) {
            quota.watch().check(queued);
            // a client that is closed takes the timer away in the middle of a retry
            int available = account.governor().budget().available();
            if (available != limits.tokens()) {
                world.complain(-1, "the retry budget is " + available + ", and should be " + limits.tokens());
            }
        }
        world.check(limits.gates.waiting() <= live, -1, "more calls wait at the gates than live");
    }

    void checkTheEnd() {
        world.check(quota.outstanding() == 0, -1, "reservations are left");
        world.check(account.admission().waiting() == 0, -1, "calls are left in the queue");
        world.check(limits.gates.waiting() == 0, -1, "calls are left at the gates");
    }
}
