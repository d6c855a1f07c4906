package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How large the knots within a package may be: sets of top-level classes each of which reaches all others through
 * classes of the package. A class together with those nested in it counts as one.
 */
final class KnotRules {

    /** An interface and its built-in implementation, a class and its builder. */
    private static final int USUAL = 2;

    /** The packages with larger ones, below the base, and how large. Only to be lowered. */
    private static final Map<String, Integer> LARGEST =
            Map.of("", 6, ".internal.call", 1, ".internal.endpoint", 1, ".retry", 3, ".test", 4);

    private KnotRules() {}

    static Rule knots(String base) {
        return Rule.of(
                "knots",
                classes().that().resideInAPackage(base + "..").should(new FormNoLargeKnots(base)),
                "classes that all know each other can only be read, tested and changed together: hand a class what it"
                        + " needs by its constructor, and let it tell others through an interface of its own");
    }

    private static final class FormNoLargeKnots extends ArchCondition<JavaClass> {
        private final String base;
        private final Map<String, Map<String, Set<String>>> packages = new TreeMap<>();

        FormNoLargeKnots(String base) {
            super("form no knot of classes larger than those that are held");
            this.base = base;
        }

        @Override
        public void init(Collection<JavaClass> all) {
            packages.clear();
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            Set<String> known = packages.computeIfAbsent(type.getPackageName(), name -> new TreeMap<>())
                    .computeIfAbsent(outermost(type), name -> new TreeSet<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().equals(type.getPackageName())) {
                    known.add(outermost(target));
                }
            }
        }

        /** From the name, since the enclosing class of a class outside of the scan is not known. */
        private static String outermost(JavaClass type) {
            int nested = type.getName().indexOf('$');
            return nested < 0 ? type.getName() : type.getName().substring(0, nested);
        }

        @Override
        public void finish(ConditionEvents events) {
            packages.forEach((name, graph) -> {
                int held = LARGEST.getOrDefault(name.substring(base.length()), USUAL);
                Set<String> knot = largestKnot(graph);
                if (knot.size() > held) {
                    events.add(SimpleConditionEvent.violated(
                            name,
                            "package " + name + " has a knot of " + knot.size() + " classes, and " + held
                                    + " are held: " + knot));
                }
            });
        }

        private static Set<String> largestKnot(Map<String, Set<String>> graph) {
            Map<String, Set<String>> reached = new TreeMap<>();
            graph.keySet().forEach(start -> reached.put(start, reachedFrom(start, graph)));
            Set<String> largest = Set.of();
            for (String start : graph.keySet()) {
                Set<String> knot = new TreeSet<>();
                for (String other : reached.getOrDefault(start, Set.of())) {
                    if (reached.getOrDefault(other, Set.of()).contains(start)) {
                        knot.add(other);
                    }
                }
                largest = knot.size() > largest.size() ? knot : largest;
            }
            return largest;
        }

        private static Set<String> reachedFrom(String start, Map<String, Set<String>> graph) {
            Set<String> reached = new TreeSet<>();
            Deque<String> next = new ArrayDeque<>(graph.get(start));
            while (!next.isEmpty()) {
                String type = next.pop();
                if (reached.add(type)) {
                    next.addAll(graph.getOrDefault(type, Set.of()));
                }
            }
            return reached;
        }
    }
}
