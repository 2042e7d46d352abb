/* SPDX-License-Identifier: MIT
 *
 * lapack: the few BLAS and LAPACK routines that are used, as Fortran sees them. The last arguments are the lengths of
 * the character arguments.
 */
#ifndef CLV_BASE_LAPACK_H
#define CLV_BASE_LAPACK_H

#include <stddef.h>

/* Cholesky factorisation, unblocked: the matrices are small, and unlike dpotrf it starts no threads of its own. */
void dpotf2_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_length);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, double *b,
             const int *ldb, int *info, size_t uplo_length);
/* c = alpha a b + beta c; c = alpha a a' + beta c; b = alpha inverse(a) b. */
void dgemm_(const char *transa, const char *transb, const int *m, const int *n, const int *k, const double *alpha,
            const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c,
            const int *ldc, size_t transa_length, size_t transb_length);
void dsyrk_(const char *uplo, const char *trans, const int *n, const int *k, const double *alpha, const double *a,
            const int *lda, const double *beta, double *c, const int *ldc, size_t uplo_length, size_t trans_length);
void dtrsm_(const char *side, const char *uplo, const char *transa, const char *diag, const int *m, const int *n,
            const double *alpha, const double *a, const int *lda, double *b, const int *ldb, size_t side_length,
            size_t uplo_length, size_t transa_length, size_t diag_length);
/* Symmetric indefinite systems. */
void dsysv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, int *ipiv, double *b,
            const int *ldb, double *work, const int *lwork, int *info, size_t uplo_length);

#endif
