/* Judges two losses by refmath's test vectors:
 *   cc -std=c99 softmax_cross_entropy_labels.c -lm && ./a.out DIR/softmax_cross_entropy_labels.json right|wrong
 * Ends with status 0 if every case is passed, 1 if one is not, 2 if it could not begin or the file is not whole.
 * A line of the file is a case, and its keys come in a fixed order: so a scanner of a few lines will do. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 256, LINE = 1 << 17 };

/* ln Σ exp a_k − a_label, with the largest logit taken off first. */
static double right(const double *a, int K, int label) {
    double largest = a[0], sum = 0;
    for (int k = 1; k < K; k++) largest = a[k] > largest ? a[k] : largest;
    int leader = 0;
    while (leader < K - 1 && a[leader] != largest) leader++;
    for (int k = 0; k < K; k++) sum += k == leader ? 0 : exp(a[k] - largest);
    return log1p(sum) + (largest - a[label]);
}

/* The logarithm of a softmax that may have become zero, or not even be a number. */
static double wrong(const double *a, int K, int label) {
    double sum = 0;
    for (int k = 0; k < K; k++) sum += exp(a[k]);
    return -log(exp(a[label]) / sum);
}

/* The numbers between the brackets that follow a list's name, after an argument's; returns how many there are, 0 if there are too many. */
static int numbers(const char *line, const char *argument, const char *list, double *into, int most) {
    int count = 0;
    char *at = strstr(line, argument);
    if (!at || !(at = strstr(at, list))) return 0;
    at += strlen(list);
    while (*at && *at != ']' && count < most) {
        while (*at && strchr("\", ", *at)) at++; /* "inf" and hexadecimal numbers stand in quotes; strtod reads both */
        into[count++] = strtod(at, &at);
        while (*at && strchr("\", ", *at)) at++;
    }
    return *at == ']' ? count : 0;
}

static int passes(const char *line, double (*loss)(const double *, int, int)) {
    double a[MOST], labels[MOST], low, high, sum = 0;
    int entries = numbers(line, "\"a\": {", "\"data\": [", a, MOST);
    int N = numbers(line, "\"labels\": {", "\"data\": [", labels, MOST), K = N ? entries / N : 0;
    if (numbers(line, "\"low\": {", "\"hex\": [", &low, 1) + numbers(line, "\"high\": {", "\"hex\": [", &high, 1) != 2) return 0;
    if (!N || N * K != entries) return 0;
    for (int n = 0; n < N; n++) {
        if (!(0 <= labels[n] && labels[n] < K)) return 0;
        sum += loss(a + n * K, K, (int)labels[n]);
    }
    return low <= sum / N && sum / N <= high; /* nan never passes */
}

int main(int count, char **arguments) {
    static char line[LINE];
    int is_right = count == 3 && !strcmp(arguments[2], "right"), is_wrong = count == 3 && !strcmp(arguments[2], "wrong");
    FILE *file = is_right || is_wrong ? fopen(arguments[1], "r") : NULL;
    if (!file) return fprintf(stderr, "usage: %s DIR/softmax_cross_entropy_labels.json right|wrong\n", arguments[0]), 2;
    int tried = 0, passed = 0, known = 0;
    while (fgets(line, LINE, file)) {
        known += !strcmp(line, " \"format\": 1,\n") + !strcmp(line, " \"formula\": \"softmax_cross_entropy_labels\",\n");
        if (!strstr(line, "\"convention\": null, \"params\": {}, \"dtype\": \"float64\"")) continue;
        if (!strstr(line, "\"outcome\": \"value\"")) continue;
        int fine = passes(line, is_right ? right : wrong);
        if (!fine) printf("%.60s\n", line);
        tried++, passed += fine;
    }
    /* The last line closes the file: without it, cases are missing. */
    if (known != 2 || strcmp(line, "}\n")) return fprintf(stderr, "%s is not a whole file of this formula\n", arguments[1]), 2;
    printf("%s: %d of %d cases passed\n", arguments[2], passed, tried);
    return passed == tried && tried ? 0 : 1;
}
