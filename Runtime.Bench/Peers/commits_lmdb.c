/* LMDB with its defaults: every commit is flushed. */
#include <lmdb.h>
#include <stdio.h>

#include "commits.h"
#include "timing.h"

enum { FILE_MODE = 0600 };

static const size_t MAP_BYTES = (size_t)4 << 30;

const char store_name[] = "LMDB";

static MDB_env *s_environment;
static MDB_dbi s_database;

static void check(int status, const char *call)
{
    if (status != 0) {
        fail_with(call, mdb_strerror(status));
    }
}

void store_open(const char *folder)
{
    MDB_txn *transaction;
    check(mdb_env_create(&s_environment), "mdb_env_create");
    check(mdb_env_set_mapsize(s_environment, MAP_BYTES), "mdb_env_set_mapsize");
    check(mdb_env_open(s_environment, folder, 0, FILE_MODE), "mdb_env_open");
    check(mdb_txn_begin(s_environment, NULL, 0, &transaction), "mdb_txn_begin");
    check(mdb_dbi_open(transaction, NULL, MDB_INTEGERKEY, &s_database), "mdb_dbi_open");
    check(mdb_txn_commit(transaction), "mdb_txn_commit");
}

void *store_enter(void)
{
    return s_environment;
}

void store_commit(void *entered, uint64_t key, const void *page)
{
    MDB_txn *transaction;
    MDB_val name = {.mv_size = sizeof key, .mv_data = &key};
    MDB_val value = {.mv_size = COMMIT_BYTES, .mv_data = (void *)page};
    check(mdb_txn_begin(entered, NULL, 0, &transaction), "mdb_txn_begin");
    check(mdb_put(transaction, s_database, &name, &value, 0), "mdb_put");
    check(mdb_txn_commit(transaction), "mdb_txn_commit");
}

void store_leave(void *entered)
{
    (void)entered;
}
