package dev.kimi.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The lists of rules, one per kind of module. */
public final class Rules {

    private Rules() {}

    /**
     * For every module that is shipped.
     *
     * @param base the package that all modules share
     * @param budget how many public types the module may have
     * @param guards fully qualified names of the classes that run foreign callbacks and so may catch everything
     * @return the rules
     */
    public static List<Rule> library(String base, Budget budget, String... guards) {
        Set<String> mayCatch = Set.of(guards);
        return List.of(
                PackageRules.cycles(base),
                ModuleRules.internals(base),
                KnotRules.knots(base),
                PackageRules.nullMarked(base),
                PackageRules.httpClient(base),
                CallRules.time(base),
                CallRules.chance(base),
                CallRules.standardStreams(base),
                CatchRules.broadCatch(base, mayCatch),
                CatchRules.bareExceptions(base),
                SecretRules.stringSecrets(base),
                SecretRules.printedSecrets(base),
                SecretRules.loggedMessages(base),
                TypeRules.finalClasses(base),
                UseRules.calledMethods(base),
                TypeRules.budget(base, budget));
    }

    /**
     * For kimi-core.
     *
     * @param base the package of the front door
     * @param budget how many public types it may have
     * @param guards as for {@link #library}
     * @return the rules, those of {@link #library} included
     */
    public static List<Rule> core(String base, Budget budget, String... guards) {
        List<Rule> rules = new ArrayList<>(library(base, budget, guards));
        rules.add(PackageRules.frontDoor(base));
        rules.add(PackageRules.leaves(base));
        rules.add(PackageRules.json(base));
        rules.add(SpiRules.size(base));
        rules.add(SpiRules.closed(base));
        rules.add(TypeRules.signatures(base));
        return List.copyOf(rules);
    }

    /**
     * For modules with auto-configurations.
     *
     * @param base the package that all modules share
     * @param budget how many public types the module may have
     * @param guards as for {@link #library}
     * @return the rules, those of {@link #library} included
     */
    public static List<Rule> autoConfiguration(String base, Budget budget, String... guards) {
        List<Rule> rules = new ArrayList<>(library(base, budget, guards));
        rules.add(SpringRules.autoConfigurations(base));
        rules.add(SpringRules.foreignBeans(base));
        return List.copyOf(rules);
    }

    /**
     * For test classes.
     *
     * @param base the package that all modules share
     * @return the rules
     */
    public static List<Rule> tests(String base) {
        return List.of(ModuleRules.internals(base), TestRules.sleep(base), TestRules.timedAssertions(base));
    }
}
